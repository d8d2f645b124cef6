// Whether a new connection gets a place: a free one, that of an idle connection of this loop or of
// another, or none. It must not know how connections are accepted.

import HTTP
import Posix
import Synchronization

/// A client that waits until the other loops have been asked for room.
private final class Newcomer: Sendable {
    private let stream: Mutex<StreamSocket?>
    let address: SocketAddress
    /// Whose connection has to go; `nil` for anybody's.
    let network: UInt64?

    init(_ stream: consuming StreamSocket, _ address: SocketAddress, of network: UInt64?) {
        self.stream = Mutex(consume stream)
        self.address = address
        self.network = network
    }

    /// Its connection, once.
    func take() -> StreamSocket? { stream.withLock { $0.take() } }
}

extension Listener {
    /// How many clients may wait for other loops' answers; each holds a descriptor.
    private static let newcomersMax = 8
    /// How long not to ask other loops again when they had no room: under a flood, the question
    /// would cost more than the answer 503.
    private static let questionPause = Duration.milliseconds(50)

    /// Gives a new connection a place, or turns it away.
    func admit(_ stream: consuming StreamSocket, _ address: SocketAddress) {
        let network = address.network
        do throws(ConnectionCount.Shortage) {
            open(stream, address, try place(for: network))
        } catch {
            // An address that has all it may have gets room from its own connections only.
            let victim = error == .ofAddress ? network : nil
            let newcomer = Newcomer(stream, address, of: victim)
            if mayAskOthers {
                newcomers += 1
                askForRoom(newcomer, others[...])
            } else {
                turnAway(newcomer)
            }
        }
    }

    /// A free place, or that of one of this loop's idle connections.
    private func place(
        for network: UInt64
    ) throws(ConnectionCount.Shortage)
        -> ConnectionCount.Place
    {
        do throws(ConnectionCount.Shortage) {
            return try bench.count.take(for: network)
        } catch {
            guard bench.makeRoom(of: error == .ofAddress ? network : nil) else { throw error }
            return try bench.count.take(for: network)
        }
    }

    private var mayAskOthers: Bool {
        let isPausing = nextQuestion.map { bench.loop.now < $0 } ?? false
        return !others.isEmpty && !isPausing && !isStopping && newcomers < Listener.newcomersMax
    }

    /// Asks one loop after the other to close an idle connection.
    private func askForRoom(_ newcomer: Newcomer, _ remaining: ArraySlice<Workbench>) {
        guard let other = remaining.first else {
            nextQuestion = bench.loop.now + Listener.questionPause
            finish(newcomer, nil)
            return
        }
        other.loop.perform {
            let hasRoom = other.makeRoom(of: newcomer.network)
            self.bench.loop.perform {
                let place =
                    hasRoom ? try? self.bench.count.take(for: newcomer.address.network) : nil
                if let place {
                    self.finish(newcomer, place)
                } else {
                    self.askForRoom(newcomer, remaining.dropFirst())
                }
            }
        }
    }

    private func finish(_ newcomer: Newcomer, _ place: ConnectionCount.Place?) {
        newcomers -= 1
        if let place, let stream = newcomer.take() {
            open(stream, newcomer.address, place)
        } else {
            turnAway(newcomer)
        }
        reportEnd()
    }

    private func open(
        _ stream: consuming StreamSocket, _ address: SocketAddress,
        _ place: ConnectionCount.Place
    ) {
        let peer = address.host
        guard let connection = try? Connection(stream, peer: peer, place: place, bench: bench)
        else {
            bench.count.giveBack(place)
            return
        }
        bench.add(connection)
    }

    /// Answers 503, and stays until the client has read it: closing while its request is on the way
    /// would make the kernel reset the connection, and might destroy the answer.
    private func turnAway(_ newcomer: Newcomer) {
        guard let stream = newcomer.take() else { return }
        let peer = newcomer.address.host
        guard let place = bench.count.takeFarewell() else {
            bench.turnAwayAtOnce(stream, peer: peer)
            return
        }
        guard let connection = try? Connection(stream, peer: peer, place: place, bench: bench)
        else {
            bench.count.giveBack(place)
            return
        }
        connection.state.turnAway(Workbench.full)
        bench.add(connection)
        connection.turn()
    }
}
