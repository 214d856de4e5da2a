// What any plugin in Node.js has to load and do before its first answer. It knows no license and answers with what it was asked.
const { Server, ServerCredentials } = require("@grpc/grpc-js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const { CheckResponse, ConfigureResponse } = require("@pulumi/pulumi/proto/provider_pb");

const server = new Server();
server.addService(ResourceProviderService, {
  configure: (_, answered) => answered(null, new ConfigureResponse()),
  check: ({ request }, answered) => answered(null, new CheckResponse().setInputs(request.getNews())),
});
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) {
    throw error;
  }
  console.log(port);
});
