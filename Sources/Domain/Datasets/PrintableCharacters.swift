// Which characters a person can see. It must not know where they are shown.

extension Unicode.Scalar {
    /// Whether it is something to look at: no control, no invisible mark or separator of lines, no
    /// code point without a meaning that everybody shares. What is not printable can forge lines of
    /// a log, reorder the text around it, or make two names look like one.
    package var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
            .privateUse:
            false
        default: true
        }
    }
}
