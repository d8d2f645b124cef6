// The entry point of download-client: everything is in ClientProgram.

import Glibc

exit(await ClientProgram.run(Array(CommandLine.arguments.dropFirst())).rawValue)
