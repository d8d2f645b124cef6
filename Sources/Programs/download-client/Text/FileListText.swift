// The files of a job as a table. It must not know which files were asked for.

import APITypes

/// Lists files.
enum FileListText {
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func table(_ answer: FileListResponse, columns: Int? = nil) -> [String] {
        guard !answer.files.isEmpty else {
            return [
                answer.total > 0
                    ? "No files on this page; there are \(answer.total)." : "No such files."
            ]
        }
        var table = TextTable([
            .init("STATE", rank: 9), .init("ROWS", .right, rank: 6),
            .init("SIZE", .right, rank: 7), .init("TRIES", .right, rank: 5),
            .init("FILE", rank: 10, .beginning(least: 24)),
        ])
        for file in answer.files {
            table.append([
                TerminalSafeText.line(file.state), file.rows.map(String.init) ?? "-",
                file.bytes.map(ByteText.of) ?? "-", "\(file.attemptsTotal ?? file.attempts.count)",
                TerminalSafeText.line(file.name),
            ])
        }
        let lines = answer.files.flatMap { file in
            remarks(on: file).map {
                "\(TerminalSafeText.line(file.name)): \(TerminalSafeText.line($0))"
            }
        }
        let rest = max(answer.total, 0) - answer.files.count
        return table.lines(fitting: columns) + (lines.isEmpty ? [] : [""] + lines)
            + (rest > 0 ? ["", "Showing \(answer.files.count) of \(answer.total) files."] : [])
    }

    /// Why a file is missing or odd, and what the last verification found.
    private static func remarks(on file: FileResponse) -> [String] {
        var remarks = [file.detail ?? file.suspicious.map { "suspicious: \($0)" }].compactMap(
            \.self)
        if let finding = file.finding {
            remarks.append("the last verification found it \(finding)")
        }
        if let revision = file.revision {
            let fate = revision.accepted ? "accepted" : "left out"
            remarks.append(
                "changed at Tardis: sha256 \(revision.sha256), seen \(revision.seenAt), instead of "
                    + "the recorded \(revision.recordedSHA256); \(fate)")
        }
        return remarks
    }
}
