// Evaluates a batch of IAM requests: {"requests": […]} on stdin, {"results": […]} on stdout.
// Node and the service data load once for the batch, so one process serves a whole test.
import { allowedContextKeysForRequest, anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

// The simulator knows variable keys only in the form prefix/name and would drop every
// kms:EncryptionContext:name from the request. Under a tag's name the condition is evaluated
// like any other; it is given its own name back in what is printed.
const encryptionContext = /^kms:EncryptionContext:(?=.)/i
const carrier = 'aws:PrincipalTag/kms:EncryptionContext:'
const carry = (key) => key.replace(encryptionContext, carrier)
const uncarry = (key) => key.replace(carrier, 'kms:EncryptionContext:')

// The one key with many values here; no tag key has a comma.
const tagKeys = /^aws:TagKeys$/i

function carryPolicy(policy) {
  const statements = [policy.Statement].flat().map((statement) => {
    if (!statement.Condition) return statement
    const condition = {}
    for (const [operator, keys] of Object.entries(statement.Condition)) {
      condition[operator] = Object.fromEntries(Object.entries(keys).map(([key, value]) => [carry(key), value]))
    }
    return { ...statement, Condition: condition }
  })
  return { ...policy, Statement: statements }
}

// AWS Organizations attaches FullAWSAccess by itself: the others only take away from it.
function organisation(policies) {
  if (!policies.length) return []
  const attached = policies.map(({ name, policy }) => ({ name, policy: carryPolicy(policy) }))
  return [{ orgIdentifier: 'account', policies: [fullAWSAccess, ...attached] }]
}
const fullAWSAccess = {
  name: 'FullAWSAccess',
  policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
}

// KMS sends an encryption context with some actions only (not with DescribeKey, for one).
async function takesEncryptionContext(action, resource) {
  const [service, name] = action.split(':')
  if (service.toLowerCase() !== 'kms') return false
  try {
    const keys = await allowedContextKeysForRequest(service, name, resource, false)
    return keys.some((key) => encryptionContext.test(key))
  } catch {
    return false // there is no such action on such a resource; the simulation says which is wrong
  }
}

async function evaluate(request) {
  // Beside the account's root, NotPrincipal here spares the whole account; in AWS it does not.
  if ([request.resourcePolicy?.Statement ?? []].flat().some((statement) => statement.NotPrincipal)) return { error: 'not.principal' }

  const context = {}
  const dropped = []
  for (const [key, value] of Object.entries(request.context ?? {})) {
    if (encryptionContext.test(key) && !(await takesEncryptionContext(request.action, request.resource))) dropped.push(key)
    else context[carry(key)] = tagKeys.test(key) ? value.split(',') : value
  }

  const response = await runSimulation(
    {
      request: {
        principal: request.principal || anonymousPrincipal,
        action: request.action,
        resource: { resource: request.resource, accountId: request.account },
        contextVariables: context
      },
      identityPolicies: (request.identityPolicies ?? []).map(({ name, policy }) => ({ name, policy: carryPolicy(policy) })),
      resourcePolicy: request.resourcePolicy ? carryPolicy(request.resourcePolicy) : undefined,
      serviceControlPolicies: organisation(request.serviceControlPolicies ?? []),
      resourceControlPolicies: []
    },
    { simulationMode: 'Strict' }
  )
  if (response.resultType === 'error') {
    const { message, ...details } = response.errors
    return { error: Object.keys(details).length ? `${message} ${JSON.stringify(details)}` : message }
  }

  const results = response.resultType === 'single' ? [response.result] : response.results
  const misread = results.flatMap(({ analysis }) => conditionErrors(analysis))
  if (misread.length) return { error: `condition.errors ${[...new Set(misread)].join('; ')}` }
  const statements = results.flatMap(({ analysis }) => [
    ...(analysis.scpAnalysis?.ouAnalysis ?? []).flatMap((level) => describe('service control policy', level)),
    ...describe('identity policy', analysis.identityAnalysis),
    ...describe('resource policy', analysis.resourceAnalysis)
  ])
  // Array.sort is stable: what applied comes first, and of that what denied.
  const rank = ({ matched, effect }) => (matched ? 0 : 2) + (effect === 'Deny' ? 0 : 1)
  statements.sort((a, b) => rank(a) - rank(b))
  return {
    verdict: response.overallResult,
    ignoredContextKeys: [...dropped, ...results.flatMap((result) => result.ignoredContextKeys ?? []).map(uncarry)],
    statements
  }
}

// A value that is no ARN, number or boolean makes a condition false, and a denial with it disappear.
function conditionErrors({ identityAnalysis, resourceAnalysis, scpAnalysis }) {
  return [identityAnalysis, resourceAnalysis, ...(scpAnalysis?.ouAnalysis ?? [])]
    .flatMap((analysis) => [...analysis.allowStatements, ...analysis.denyStatements, ...analysis.unmatchedStatements])
    .flatMap(({ explain }) => explain.conditions ?? [])
    .flatMap(({ operator, conditionKeyValue, values }) =>
      [values ?? []].flat().flatMap(({ value, errors }) =>
        (errors ?? []).map((error) => `${operator} ${uncarry(conditionKeyValue)} ${JSON.stringify(value)}: ${error}`)
      )
    )
}

// The statements that applied, and those about the same action and resource that did not apply.
function describe(source, analysis) {
  if (!analysis) return []
  const matched = [...analysis.allowStatements, ...analysis.denyStatements]
  const near = analysis.unmatchedStatements.filter(({ explain }) => explain.actionMatch && explain.resourceMatch)
  return [
    ...matched.map((statement) => summary(source, statement, true)),
    ...near.map((statement) => summary(source, statement, false))
  ]
}

function summary(source, { policyId, explain }, matched) {
  const reasons = []
  if (explain.principalMatch === 'NoMatch') reasons.push('principal differs')
  for (const condition of [explain.conditions ?? []].flat()) {
    if (condition.matches) continue
    const wanted = [condition.values ?? []].flat().map(({ value }) => value)
    const got = condition.resolvedConditionKeyValue
    const found = got === undefined ? 'the request has none' : `the request has ${JSON.stringify(got)}`
    reasons.push(`${condition.operator} ${uncarry(condition.conditionKeyValue)} ${JSON.stringify(wanted)}: ${found}`)
  }
  const name = policyId ? `${source} ${policyId}` : source
  return { policy: name, effect: explain.effect, sid: explain.identifier, matched, reasons }
}

let input = ''
for await (const chunk of process.stdin) input += chunk
const results = []
for (const request of JSON.parse(input).requests) results.push(await evaluate(request))
process.stdout.write(JSON.stringify({ results }))
