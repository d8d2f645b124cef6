// What the slow store passes on of what people do to jobs.

import Datasets
import Jobs
import TestSupport

extension SlowStore {
    func act(
        _ action: JobAction, on id: JobID, by principal: Principal, within limits: UserQuota,
        at now: Timestamp
    ) async throws -> JobActionResult {
        try await slowly {
            try await store.act(action, on: id, by: principal, within: limits, at: now)
        }
    }

    func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection {
        try await slowly {
            try await store.selection(for: action, matching: filter, limit: limit)
        }
    }

    func events(of id: JobID, limit: Int, offset: Int) async throws -> EventPage {
        try await slowly {
            try await store.events(of: id, limit: limit, offset: offset)
        }
    }

    func events(limit: Int, offset: Int) async throws -> EventPage {
        try await slowly { try await store.events(limit: limit, offset: offset) }
    }

    func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent? {
        try await slowly { try await store.lastEvent(of: id, kind) }
    }

    func jobsAhead(of job: Job) async throws -> Int {
        try await slowly { try await store.jobsAhead(of: job) }
    }

    func note(
        _ kind: JobEvent.Kind, of jobs: [JobID], detail: String,
        remembering facts: [String: String],
        at now: Timestamp
    ) async throws {
        try await slowly {
            try await store.note(kind, of: jobs, detail: detail, remembering: facts, at: now)
        }
    }

    func note(
        _ kind: JobEvent.Kind, by principal: Principal, detail: String,
        remembering facts: [String: String?], at now: Timestamp
    ) async throws {
        try await slowly {
            try await store.note(
                kind, by: principal, detail: detail, remembering: facts, at: now)
        }
    }

    func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) async throws {
        try await slowly {
            try await store.endUpstreamPause(by: principal, detail: detail, at: now)
        }
    }
}
