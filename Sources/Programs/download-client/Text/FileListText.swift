// The files of a job as a table. It must not know which files were asked for.

import APITypes

/// Lists files.
enum FileListText {
    static func table(_ answer: FileListAnswer) -> [String] {
        guard !answer.files.isEmpty else {
            return [
                answer.total > 0
                    ? "No files on this page; there are \(answer.total)." : "No such files."
            ]
        }
        var table = TextTable([
            ("STATE", .left), ("ROWS", .right), ("SIZE", .right), ("TRIES", .right),
            ("FILE", .left),
        ])
        for file in answer.files {
            table.append([
                HarmlessText.line(file.state), file.rows.map(String.init) ?? "-",
                file.bytes.map(ByteText.of) ?? "-", "\(file.attempts.count)",
                HarmlessText.line(file.name),
            ])
        }
        let remarks = answer.files.compactMap { file in
            (file.detail ?? file.suspicious.map { "suspicious: \($0)" })
                .map { "\(HarmlessText.line(file.name)): \(HarmlessText.line($0))" }
        }
        let rest = answer.total - answer.files.count
        return table.lines + (remarks.isEmpty ? [] : [""] + remarks)
            + (rest > 0 ? ["", "Showing \(answer.files.count) of \(answer.total) files."] : [])
    }
}
