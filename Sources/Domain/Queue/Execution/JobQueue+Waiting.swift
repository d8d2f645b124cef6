// Why jobs do not get on at this moment. It must not change anything.

import Datasets
package import Jobs

extension JobQueue {
    package func waitReason(of id: JobID) -> WaitReason? {
        if let storageProblem { return .storage(storageProblem) }
        return dispatcher.lane(of: id).flatMap(waitReason(of:))
    }

    package func waitReasons(of ids: [JobID]) -> [JobID: WaitReason] {
        if let storageProblem {
            return Dictionary(ids.map { ($0, .storage(storageProblem)) }) { first, _ in first }
        }
        let wanted = Set(ids)
        let found = dispatcher.lanes.compactMap { lane in
            wanted.contains(lane.job.id)
                ? waitReason(of: lane).map { (lane.job.id, $0) } : nil
        }
        return Dictionary(found) { first, _ in first }
    }

    package func obstacles() -> [WaitReason] {
        var obstacles: [WaitReason] = []
        if let storageProblem { obstacles.append(.storage(storageProblem)) }
        if let pause = upstreamPause { obstacles.append(pause) }
        obstacles += dispatcher.lanes.filter { !$0.isCut }.compactMap(\.storageInTheWay)
            .map(WaitReason.storage)
        let reason = dispatcher.lanes.lazy.filter { !$0.isCut }.compactMap(\.catalogueReason).first
        if let reason { obstacles.append(.awaitsCatalogue(reason: reason)) }
        return obstacles
    }

    private var upstreamPause: WaitReason? {
        guard let moment = dispatcher.parkedUntil, moment > clock.now else { return nil }
        return .upstreamPaused(until: wallMoment(of: moment), reason: restReason)
    }

    private func waitReason(of lane: RunningJob) -> WaitReason? {
        switch lane.phase {
        case .unplanned, .planning: return .awaitsCatalogue(reason: lane.catalogueReason)
        case .ending: return nil
        case .running:
            if let upstreamPause { return upstreamPause }
            if let problem = lane.storageInTheWay { return .storage(problem) }
            guard lane.isQuiet, let due = lane.due else { return nil }
            if due > clock.now {
                return .backsOff(until: wallMoment(of: due), reason: lane.retryReason)
            }
            return dispatcher.freeSlots > 0 ? nil : .awaitsTurn
        }
    }
}
