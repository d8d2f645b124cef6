// Why an output path is refused, in words that say what to write instead.

/// What is wrong with an output path.
package enum OutputPathError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It contains `..`.
    case parent
    /// It is absolute, and not inside the data root.
    case outside(root: String)
    /// It passes through a link that leads out of the data root.
    case linkLeadsOut(root: String)
    /// A component begins with a dot.
    case hidden(String)
    case home
    /// A shell would replace a part of the component.
    case variable(String)
    /// The first component ends with a colon, as in a URL or behind the letter of a drive.
    case url(String)
    /// A component has a quotation mark at one end.
    case quoted(String)
    case backslash
    case unprintable
    /// A component begins or ends with a blank, or ends with a dot.
    case badEdge(String)
    case componentTooLong
    case tooLong
    case tooDeep
    /// A component is the name of a dataset or of something that belongs to one.
    case reserved(String)

    package var description: String {
        switch self {
        case .parent:
            "the path may not contain '..'; name a folder below the data folder, such as 'btc'"
        case .outside(let root):
            "the path leads out of the data folder \(root); name a folder below it, such as 'btc'"
        case .linkLeadsOut(let root):
            "the path passes through a link that leads out of the data folder \(root); "
                + "choose another folder"
        case .hidden(let part):
            "the folder '\(part)' begins with a dot; choose a name without it"
        case .home:
            "'~' is not expanded; name a folder below the data folder, such as 'btc'"
        case .variable(let part):
            "variables such as '\(part)' are not replaced; name a folder below the data folder, such "
                + "as 'btc'"
        case .url(let part):
            "'\(part)' begins a URL or names a drive; name a folder below the data folder, such as "
                + "'btc'"
        case .quoted(let part):
            "the folder \(part) has a quotation mark at one end; leave that out"
        case .backslash:
            "folders are separated by '/', not by a backslash"
        case .unprintable:
            "the path contains control or invisible characters; use plain letters and digits"
        case .badEdge(let part):
            "the folder '\(part)' begins or ends with a blank, or ends with a dot; leave that out"
        case .componentTooLong:
            "a folder's name may have at most \(OutputPath.componentBytesMax) bytes; shorten it"
        case .tooDeep:
            "the path may have at most \(OutputPath.componentsMax) folders below the data folder; "
                + "leave some out"
        case .reserved(let part):
            "the folder '\(part)' has a name that belongs to dataset files (NAME.csv.gz, *.part, "
                + "*.quarantine, SHA256SUMS); choose another one, such as 'btc'"
        case .tooLong:
            "the path may have at most \(OutputPath.charactersMax) characters with the data "
                + "folder's own; shorten it"
        }
    }
}
