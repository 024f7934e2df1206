// Runs the handler of the CDK's AwsCustomResource once, as Lambda's Node runtime
// would: node aws_custom_resource.js HANDLER < EVENT
//
// The handler answers by TLS on port 443 of the address's host. Here the answer
// goes to the address in plain, which spares it the handshake.
const http = require("http");

const event = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { port } = new URL(event.ResponseURL);
require("https").request = (options, answered) => http.request({ ...options, port }, answered);

require(process.argv[2]).handler(event, { logStreamName: "bench" });
