// The JSON reader against Python's, and where it is stricter.

import APITypes
import Testing

@testable import API

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
    func `says what Python said`(text: String, words: String, offset: Int) {
        #expect(failure(text) == JSONSyntaxError(words: words, offset: offset))
    }

    @Test(arguments: pythonJSONValues)
    func `reads what Python read`(text: String, written: String) throws {
        #expect(String(decoding: JSONCoding.encode(try read(text)), as: UTF8.self) == written)
    }

    @Test func `takes a byte order mark for nothing`() throws {
        #expect(try read("\u{FEFF}{}") == [:])
        #expect(failure("\u{FEFF}{} x")?.offset == 3)
    }

    @Test func `refuses duplicate members, however they are spelled`() {
        #expect(
            failure(#"{"a":1,"b":{"a":2},"\u0061":3}"#)
                == JSONSyntaxError(words: "Duplicate member", offset: 19))
    }

    @Test func `refuses what is no Unicode`() {
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

    @Test func `never fails otherwise than with an error on random cuts and flips`() {
        let text = Array(
            #"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00\n",null,true,{"b":{}}],"é":""}"#.utf8)
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3_000 {
            var bytes = Array(text[..<Int.random(in: 0...text.count, using: &random)])
            if !bytes.isEmpty, Bool.random() {
                bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0..<128)
            }
            _ = try? JSONReader.read(bytes)
        }
    }
}
