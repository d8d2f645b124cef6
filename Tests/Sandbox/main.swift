// The entry point. Code here would run on the main actor, whose isolation traps in signal and timer
// handlers; the command's does not.

runSandbox()
