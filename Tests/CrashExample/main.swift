// Ends as its argument says: what a crash report is tested with.

import Glibc
import Posix

@inline(never)
func takeElementBeyondTheEnd(_ numbers: [Int]) -> Int { numbers[numbers.count] }

CrashReport.install("crash-example 1.0")
if CommandLine.arguments.count > 2 {
    CrashReport.alsoWrite(to: open(CommandLine.arguments[2], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
}
switch CommandLine.arguments.dropFirst().first {
case "trap": print(takeElementBeyondTheEnd(CommandLine.arguments.map(\.count)))
case "abort": abort()
case let number?: kill(getpid(), Int32(number) ?? 0)
case nil: break
}
