// Where Tardis is, who we are to it, and every limit of fetching from it. It must not read the
// environment.

package import Curl
package import Gzip

/// Settings of everything that speaks to Tardis.
package struct TardisSettings: Sendable {
    /// Base of dataset URLs, without a slash at the end.
    package var datasetsURL: String
    /// Base of the catalogue's URLs, without a slash at the end.
    package var apiURL: String
    /// Sent to the origin of ``datasetsURL`` only, and never logged. Without it only the first day
    /// of each month can be had.
    package var apiKey: String?
    /// Networks that are not public and that redirects may lead to all the same.
    package var allowedNetworks: [AddressNetwork]

    /// Time to connect, TLS handshake included.
    package var connectTimeout: Duration
    /// A transfer that brings fewer than ``stallBytesPerSecond`` for so long has stalled. The
    /// official client waits for 120 s of silence; what is slower than this for a minute is dead.
    package var stallTimeout: Duration
    package var stallBytesPerSecond: Int
    /// How long the rest of a refusal is waited for; its head has said what matters.
    package var refusalTimeout: Duration
    /// Hops after the first request. Tardis needs one, to its object storage.
    package var redirectsMax: Int
    /// The first back-off of the queue: what "500 waits twice as long" and "429 without a time
    /// waits long" are measured in.
    package var retryBase: Duration
    /// A longer `Retry-After` means that the quota is used up: everything rests, not just this
    /// file.
    package var retryAfterMax: Duration

    /// What transfers leave free on the disk, in bytes; 0 for nothing.
    package var diskReserveBytes: Int64
    /// Compressed bytes of one file. The largest known are 12 GB.
    package var fileBytesMax: Int64
    /// How far a file may expand.
    package var gzipLimits: GzipLimits
    /// Bytes of one transfer that wait to be checked before it pauses. There are two such buffers
    /// per transfer: 16 transfers take 16 MiB.
    package var inboxBytesMax: Int
    /// Dispatch queues that check and write files. Few: each has a window of history and an output
    /// buffer that should stay in the cache of its core.
    package var proofQueues: Int
    /// Dispatch queues that sync files. As many as transfers, because they only wait, and disks
    /// sync several files in the time of one.
    package var syncQueues: Int

    /// How long a catalogue is believed.
    package var catalogueLifetime: Duration
    /// How long an exchange is believed to be unknown.
    package var unknownExchangeLifetime: Duration
    /// How long nothing is asked again after a failure.
    package var catalogueRetryPause: Duration
    /// How long a caller waits for the catalogue; the transfer goes on for the next one.
    package var catalogueWait: Duration
    /// How long fetching a catalogue may take: some have tens of megabytes.
    package var catalogueTimeout: Duration
    /// The largest catalogue that is read, in bytes.
    package var catalogueBytesMax: Int

    package init(
        datasetsURL: String = "https://datasets.tardis.dev/v1",
        apiURL: String = "https://api.tardis.dev/v1", apiKey: String? = nil,
        allowedNetworks: [AddressNetwork] = [], connectTimeout: Duration = .seconds(15),
        stallTimeout: Duration = .seconds(60), stallBytesPerSecond: Int = 1024,
        refusalTimeout: Duration = .seconds(5), redirectsMax: Int = 5,
        retryBase: Duration = .seconds(2), retryAfterMax: Duration = .seconds(300),
        diskReserveBytes: Int64 = 0, fileBytesMax: Int64 = 64 << 30,
        gzipLimits: GzipLimits = GzipLimits(), inboxBytesMax: Int = 512 * 1024,
        proofQueues: Int = 4, syncQueues: Int = 16,
        catalogueLifetime: Duration = .seconds(86_400),
        unknownExchangeLifetime: Duration = .seconds(600),
        catalogueRetryPause: Duration = .seconds(30), catalogueWait: Duration = .seconds(5),
        catalogueTimeout: Duration = .seconds(60), catalogueBytesMax: Int = 128 << 20
    ) {
        self.datasetsURL = datasetsURL
        self.apiURL = apiURL
        self.apiKey = apiKey
        self.allowedNetworks = allowedNetworks
        self.connectTimeout = connectTimeout
        self.stallTimeout = stallTimeout
        self.stallBytesPerSecond = stallBytesPerSecond
        self.refusalTimeout = refusalTimeout
        self.redirectsMax = redirectsMax
        self.retryBase = retryBase
        self.retryAfterMax = retryAfterMax
        self.diskReserveBytes = diskReserveBytes
        self.fileBytesMax = fileBytesMax
        self.gzipLimits = gzipLimits
        self.inboxBytesMax = inboxBytesMax
        self.proofQueues = proofQueues
        self.syncQueues = syncQueues
        self.catalogueLifetime = catalogueLifetime
        self.unknownExchangeLifetime = unknownExchangeLifetime
        self.catalogueRetryPause = catalogueRetryPause
        self.catalogueWait = catalogueWait
        self.catalogueTimeout = catalogueTimeout
        self.catalogueBytesMax = catalogueBytesMax
    }
}
