// The daemon's entry point. Code here would run on the main actor; the Daemon target's does not.

import Daemon

await ServiceProgram.run(arguments: Array(CommandLine.arguments.dropFirst()))
