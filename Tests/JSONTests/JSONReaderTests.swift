// The JSON reader against Python's, and where it is stricter.

import TestSupport
import Testing

@testable import JSON

@Suite struct JSONReaderTests {
    private func read(_ text: String) throws(JSONSyntaxError) -> JSONValue {
        try JSONReader.read(Array(text.utf8))
    }

    private func failure(_ text: String) -> JSONSyntaxError? {
        do throws(JSONSyntaxError) {
            _ = try read(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: pythonJSONErrors)
    func `reports errors in Python's words`(text: String, words: String, offset: Int) {
        #expect(failure(text) == JSONSyntaxError(words: words, offset: offset))
    }

    @Test(arguments: pythonJSONValues)
    func `reads values as Python does`(text: String, written: String) throws {
        #expect(String(decoding: JSONCoding.encode(try read(text)), as: UTF8.self) == written)
    }

    @Test func `skips a byte order mark`() throws {
        #expect(try read("\u{FEFF}{}") == [:])
        #expect(failure("\u{FEFF}{} x")?.offset == 3)
    }

    @Test func `refuses duplicate members, however they are spelled`() {
        #expect(
            failure(#"{"a":1,"b":{"a":2},"\u0061":3}"#)
                == JSONSyntaxError(words: "Duplicate member", offset: 19))
    }

    @Test func `refuses unpaired surrogates`() {
        for text in [#""\ud800""#, #""\ud83dx""#, #""\uDD1E""#, #""\ud800\ud800""#, #""\ud800\n""#]
        {
            #expect(failure(text) == JSONSyntaxError(words: "Unpaired surrogate", offset: 2))
        }
    }

    @Test(arguments: ["NaN", "Infinity", "-Infinity"])
    func `refuses numbers that JSON does not have`(text: String) {
        #expect(failure(text) == JSONSyntaxError(words: "Expecting value", offset: 0))
    }

    @Test func `goes 32 levels deep and no deeper`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try read(nested(32))
        #expect(failure(nested(33)) == JSONSyntaxError(words: "Too deeply nested", offset: 32))
        #expect(failure(String(repeating: #"{"a":"#, count: 100_000))?.offset == 160)
    }

    /// Cuts and single wrong characters in a text that has one of everything; the first round is
    /// the text as it is.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `agrees with Foundation's reader on random cuts and flips`(seed: UInt64) throws {
        let text = Array(
            #"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n",null,true,{"b":{}}],"é":""}"#.unicodeScalars)
        var random = SeededGenerator(seed: seed)
        var acceptedCount = 0
        for round in 0..<1_000 {
            let isCut = round > 0 && Bool.random(using: &random)
            let length = isCut ? Int.random(in: 0..<text.count, using: &random) : text.count
            var scalars = Array(text[..<length])
            if round > 0, !scalars.isEmpty, !isCut || Bool.random(using: &random) {
                let place = scalars.indices.randomElement(using: &random)!
                scalars[place] = Unicode.Scalar(UInt8.random(in: 0..<128, using: &random))
            }
            var broken = ""
            broken.unicodeScalars.append(contentsOf: scalars)
            if try judge(broken, seed: seed) { acceptedCount += 1 }
        }
        #expect((10..<990).contains(acceptedCount), "one-sided: the test tests nothing")
    }

    /// Compares the reader's result with Foundation's, and its error with the text.
    ///
    /// - Returns: whether the reader accepts it.
    private func judge(_ text: String, seed: UInt64) throws -> Bool {
        let foundations = try? JSONCoding.decode(JSONValue.self, from: Array(text.utf8))
        do throws(JSONSyntaxError) {
            let value = try read(text)
            #expect(foundations != nil, "seed \(seed): \(text)")
            let written = String(decoding: JSONCoding.encode(value), as: UTF8.self)
            #expect(failure(written) == nil, "seed \(seed): \(text)")
            #expect((try? read(written)) == value, "seed \(seed): \(text)")
            return true
        } catch {
            #expect(knownWords.contains(error.words), "seed \(seed): \(error.words) for \(text)")
            #expect(
                (0...text.unicodeScalars.count).contains(error.offset),
                "seed \(seed): \(error.offset) in \(text)")
            // Only here this reader is stricter.
            if !["Duplicate member"].contains(error.words) {
                #expect(foundations == nil, "seed \(seed): \(error.words) in \(text)")
            }
            return false
        }
    }

    /// All words: those recorded from Python, and this reader's own.
    private let knownWords = Set(pythonJSONErrors.map(\.words)).union([
        "Duplicate member", "Too deeply nested", "Unpaired surrogate",
    ])
}
