// What steering jobs needs to know beyond what people decide.

extension Schema {
    /// Whether the team has been told that a job started, since it was submitted or last ended: a
    /// pause is no end.
    static let announcements = """
        ALTER TABLE download_jobs ADD COLUMN announced INTEGER NOT NULL DEFAULT 0
            CHECK (announced IN (0, 1));
        UPDATE download_jobs SET announced = 1 WHERE status = 'running';
        """
}
