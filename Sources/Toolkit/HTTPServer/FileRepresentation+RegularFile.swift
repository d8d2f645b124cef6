// The HTTP representation of an open file: its ETag, date and bytes.

package import HTTP
package import Posix

extension FileRepresentation {
    /// - Parameters:
    ///   - entityTag: strong, from something that names the very bytes, such as their SHA-256;
    ///     `nil` makes one of the file's inode, size and date.
    ///   - headers: what a 200 says of the file, such as its Content-Type.
    package init(
        _ file: RegularFile, entityTag: EntityTag? = nil, headers: Headers = Headers()
    ) {
        self.init(
            FileRegion(number: file.number, length: Int(file.size), owner: file),
            entityTag: entityTag
                ?? EntityTag(file, nowNanoseconds: WallClock.microseconds * 1_000),
            modifiedSeconds: file.modifiedNanoseconds / 1_000_000_000, headers: headers)
    }

    /// The answer, as of now, to a request that has chosen this file.
    package func response(to request: Request) -> Response {
        response(to: request, nowSeconds: WallClock.coarseSeconds)
    }
}

extension EntityTag {
    /// A tag of a file's inode, size and date: another file, length or date is another version.
    ///
    /// It is weak as long as the file may change again without a change of its date, that is for
    /// one tick of the clock by which its file system dates files (RFC 9110 §8.8.1). A tag is no
    /// proof against programs that set the date back.
    ///
    /// - Parameter nowNanoseconds: the present, since 1970-01-01 00:00 UTC.
    init(_ file: RegularFile, nowNanoseconds: Int64) {
        let (date, size) = (file.modifiedNanoseconds, file.size)
        // Linux ticks a hundred times a second or more. A date in whole seconds is likely one of
        // the file systems that keep no more, in steps of up to two seconds (FAT).
        let tickNanoseconds: Int64 = date % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000
        let parts = [UInt64(bitPattern: date), UInt64(bitPattern: size), file.inode]
        self.init(
            parts.map { String($0, radix: 16) }.joined(separator: "-"),
            isWeak: nowNanoseconds - date < tickNanoseconds)
    }
}
