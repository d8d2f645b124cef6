// Names of users that were kept as they were written, brought to one spelling.

import Jobs
import SQLite

extension Schema {
    /// Renames whoever stands there in another spelling than ``UserName/canonical(_:)``. The
    /// history keeps names as they were: it is only added to.
    static func spellUsersAlike(in database: Database) throws {
        let names = try database.rows(
            "SELECT created_by FROM job_counts UNION SELECT user FROM idempotency_keys"
        ) { $0.text(0) }
        // Not `!=`, for which the spellings are equal.
        for name in names where !name.utf8.elementsEqual(UserName.canonical(name).utf8) {
            let values = [SQLValue.text(UserName.canonical(name)), .text(name)]
            for statement in [
                "UPDATE download_jobs SET created_by = ? WHERE created_by = ?",
                "UPDATE notifications SET created_by = ? WHERE created_by = ?",
                "UPDATE OR REPLACE idempotency_keys SET user = ? WHERE user = ?",
            ] {
                try database.run(statement, values)
            }
            // Where the same person wrote the name in both ways, both counts are added up.
            try database.run(
                """
                INSERT INTO user_usage (user, active_jobs, day, files)
                    SELECT ?, active_jobs, day, files FROM user_usage WHERE user = ?
                ON CONFLICT (user) DO UPDATE SET
                    active_jobs = user_usage.active_jobs + excluded.active_jobs,
                    files = iif(user_usage.day = excluded.day, user_usage.files + excluded.files,
                        max(user_usage.files, excluded.files)),
                    day = max(user_usage.day, excluded.day)
                """, values)
            try database.run("DELETE FROM user_usage WHERE user = ?", [values[1]])
            try database.run(
                "DELETE FROM job_counts WHERE created_by = ? AND jobs = 0", [values[1]])
        }
    }
}
