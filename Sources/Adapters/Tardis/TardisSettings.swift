// Tardis's addresses, the API key, and all limits of downloads.

package import Curl
package import Gzip

/// Settings of everything that talks to Tardis.
package struct TardisSettings: Sendable {
    /// Base of dataset URLs, without a slash at the end.
    package var datasetsURL: String
    /// Base of the catalogue's URLs, without a slash at the end.
    package var apiURL: String
    /// Sent to the origin of ``datasetsURL`` only, and never logged. Without it only the first day
    /// of each month can be downloaded.
    package var apiKey: String?
    /// Private networks that redirects may lead to.
    package var allowedNetworks: [AddressNetwork]

    /// Time to connect, TLS handshake included.
    package var connectTimeout = Duration.seconds(15)
    /// A transfer with fewer than ``stallBytesPerSecond`` for this long has stalled. The official
    /// client waits for 120 s without bytes.
    package var stallTimeout: Duration
    package var stallBytesPerSecond = 1024
    /// How long to wait for the rest of a refusal, of which only the head matters.
    package var refusalTimeout = Duration.seconds(5)
    /// Redirects after the first request. Tardis needs one, to its object storage.
    package var redirectsMax = 5
    /// The first back-off of the queue; the waits after 500, and after 429 without `Retry-After`,
    /// are multiples of it.
    package var retryBase: Duration
    /// A longer `Retry-After` means that the quota is used up: all downloads pause, not just this
    /// file.
    package var retryAfterMax = Duration.seconds(300)

    /// Bytes that transfers leave free on the disk; 0 for no reserve.
    package var diskReserveBytes: Int64
    /// Compressed bytes of one file. The largest known are 12 GB.
    package var fileBytesMax: Int64 = 64 << 30
    /// How large a file may become when it is inflated.
    package var gzipLimits = GzipLimits()
    /// Bytes of one transfer that wait for verification before it pauses. There are two such
    /// buffers per transfer: 16 transfers take 16 MiB.
    package var inboxBytesMax = 512 * 1024
    /// Dispatch queues that verify and write files. Few: each has a window of history and an output
    /// buffer that should stay in the cache of its core.
    package var proofQueues = 4
    /// Dispatch queues that sync files. As many as transfers: they only wait, and disks sync
    /// several files in the time of one.
    package var syncQueues = 16

    /// How long a catalogue is valid.
    package var catalogueLifetime = Duration.seconds(86_400)
    /// How long an exchange stays unknown.
    package var unknownExchangeLifetime = Duration.seconds(600)
    /// How long no request follows a failed one.
    package var catalogueRetryPause = Duration.seconds(30)
    /// How long a caller waits for the catalogue; the request continues for the next caller.
    package var catalogueWait = Duration.seconds(5)
    /// How long a request for a catalogue may take: some have tens of megabytes.
    package var catalogueTimeout = Duration.seconds(60)
    /// The largest catalogue that is read, in bytes.
    package var catalogueBytesMax = 128 << 20
    /// Memory of all catalogues, in bytes: those of all exchanges at Tardis take some 40 MB.
    package var catalogueMemoryBytesMax = 192 << 20

    package init(
        datasetsURL: String = "https://datasets.tardis.dev/v1",
        apiURL: String = "https://api.tardis.dev/v1", apiKey: String? = nil,
        allowedNetworks: [AddressNetwork] = [], stallTimeout: Duration = .seconds(60),
        retryBase: Duration = .seconds(2), diskReserveBytes: Int64 = 0
    ) {
        self.datasetsURL = datasetsURL
        self.apiURL = apiURL
        self.apiKey = apiKey
        self.allowedNetworks = allowedNetworks
        self.stallTimeout = stallTimeout
        self.retryBase = retryBase
        self.diskReserveBytes = diskReserveBytes
    }
}
