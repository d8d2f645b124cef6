// The entry point of download-client: everything is in ClientProgram.

import Glibc
import Posix

CrashReport.install("download-client")
exit(await ClientProgram.run(Array(CommandLine.arguments.dropFirst())).rawValue)
