// How long these tests go on, and from which seed.
//
// TORTURE_ROUNDS=200 kills so often and leaves no call and no image out, as `make torture` does;
// TORTURE_SEED=17 makes the same choices as the run that printed it.

import Glibc
import TestSupport

enum Torture {
    /// Whether it may take minutes.
    static let isLong = getenv("TORTURE_ROUNDS") != nil
    static let rounds = number("TORTURE_ROUNDS") ?? 10
    static let seed: UInt64 = {
        let seed = number("TORTURE_SEED").map(UInt64.init) ?? UInt64(time(nil))
        print("TORTURE_SEED=\(seed)")
        return seed
    }()

    static let isRoot = getuid() == 0

    /// Whether programs may be traced here.
    static let mayTrace =
        system("strace -f -o /dev/null -e trace=none /bin/true >/dev/null 2>&1") == 0

    /// The library that kills at a call, compiled; `nil` where nothing compiles it.
    static let killer: String? = {
        let folder = ProjectFolder.root + "/Tests/TortureTests"
        let path = killerFolder.path("kill-at.so")
        for compiler in ["cc", "clang", "gcc"] {
            let command = "\(compiler) -shared -fPIC -O1 -o '\(path)' '\(folder)/kill-at.c' -ldl"
            if system(command + " >/dev/null 2>&1") == 0 { return path }
        }
        return nil
    }()
    private static let killerFolder = TemporaryFolder()

    /// Whether an image can be made and mounted here.
    static let mayMount: Bool = {
        let folder = TemporaryFolder()
        return isRoot
            && system(
                """
                cd '\(folder.path)' && truncate -s 8M img && mkfs.ext4 -q -F img && mkdir m \
                && mount -o loop,commit=300 img m && umount m
                """ + " >/dev/null 2>&1") == 0
    }()

    /// Waits for a random moment: there is nothing to wait for, that is the point.
    static func pass(_ span: Duration) async {
        _ = await eventually(within: span) { false }
    }

    private static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }
}

/// Runs a command of the shell.
///
/// - Returns: what it printed, and whether it succeeded.
func shell(_ command: String) async throws -> (output: String, isFine: Bool) {
    let process = try ChildProcess(
        "/bin/sh", ["-c", command],
        environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
    let code = await process.waitForExit(within: .seconds(120))
    return (process.output + process.errors, code == 0)
}
