// The body of POST /download, byte for byte as FastAPI 0.104 with pydantic 2.5 judged it.

import APITypes
import HTTP
import Synchronization
import TestSupport
import Testing

@testable import API

@Suite struct BodyTests {
    private func detail(_ body: String, type: String? = "application/json") async -> Reply {
        var headers: KeyValuePairs = ["X-Username": "ann"]
        if let type { headers = ["X-Username": "ann", "Content-Type": type] }
        return await Fixture().send("POST", "/download", headers: headers, body: body)
    }

    @Test func `missing members are named, each with what it is missing from`() async {
        #expect(
            await detail("{}").text
                == #"{"detail":[{"type":"missing","loc":["body","exchange"],"msg":"Field required","#
                + #""input":{}},{"type":"missing","loc":["body","symbols"],"msg":"Field required","#
                + #""input":{}},{"type":"missing","loc":["body","start_date"],"msg":"Field "#
                + #"required","input":{}},{"type":"missing","loc":["body","end_date"],"#
                + #""msg":"Field required","input":{}}]}"#)
    }

    @Test func `members of other types are named in the predecessor's order`() async {
        let body =
            #"{"exchange":1,"symbols":"x","start_date":null,"end_date":[1],"#
            + #""data_types":[1,"trades",null],"output_path":5}"#
        let string = #""msg":"Input should be a valid string","input""#
        #expect(
            await detail(body).text
                == #"{"detail":[{"type":"string_type","loc":["body","exchange"],\#(string):1},"#
                + #"{"type":"string_type","loc":["body","data_types",0],\#(string):1},"#
                + #"{"type":"string_type","loc":["body","data_types",2],\#(string):null},"#
                + #"{"type":"list_type","loc":["body","symbols"],"msg":"Input should be a valid "#
                + #"list","input":"x"},"#
                + #"{"type":"string_type","loc":["body","start_date"],\#(string):null},"#
                + #"{"type":"string_type","loc":["body","end_date"],\#(string):[1]},"#
                + #"{"type":"string_type","loc":["body","output_path"],\#(string):5}]}"#)
    }

    @Test(arguments: ["[]", #""a""#, "1", "true"])
    func `anything but an object is no request`(body: String) async {
        #expect(
            await detail(body).text
                == #"{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should "#
                + #"be a valid dictionary or object to extract fields from","input":\#(body)}]}"#)
    }

    @Test(arguments: ["", "null"])
    func `nothing is missing as a whole`(body: String) async {
        #expect(
            await detail(body).text
                == #"{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","#
                + #""input":null}]}"#)
    }

    @Test func `broken JSON is shown where it breaks`() async {
        let reply = await detail(#"{"exchange":}"#)
        #expect(reply.status == 422)
        #expect(
            reply.text
                == #"{"detail":[{"type":"json_invalid","loc":["body",12],"msg":"JSON decode error","#
                + #""input":{},"ctx":{"error":"Expecting value"}}]}"#)
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonx",
        "garbage", "multipart/form-data; boundary=x", "application/ json", "app lication/json",
        "application/js on", "application/a/b+json", "application /json",
    ])
    func `content of another type is taken for a text`(type: String) async {
        #expect(
            await detail(#"{"a":1}"#, type: type).text
                == #"{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should "#
                + #"be a valid dictionary or object to extract fields from","#
                + #""input":"{\"a\":1}"}]}"#)
    }

    @Test(arguments: [
        nil, "application/json", "application/json; charset=utf-8", "Application/JSON",
        "application/vnd.api+json", " application/json ;x=y", "application/json ; charset=utf-8",
        "application/json\t", "",
    ])
    func `content of JSON's types, or of none, is JSON`(type: String?) async {
        #expect(await detail(Fixture.goodBody, type: type).status == 202)
    }

    @Test(arguments: ["gzip", "GZIP", "br", "identity, gzip", "x"])
    func `content with a coding is refused with what to send instead`(coding: String) async {
        let fixture = Fixture()
        let reply = await fixture.send(
            "POST", "/download",
            headers: [
                "X-Username": "ann", "Content-Type": "application/json",
                "Content-Encoding": coding,
            ], body: Fixture.goodBody)
        #expect(reply.status == 415)
        #expect(reply.headers["Accept-Encoding"] == "identity")
        #expect(
            reply.text
                == #"{"detail":"The body has a Content-Encoding. Send it as it is, without one."}"#)
        #expect(fixture.submissions.value == 0)
    }

    @Test(arguments: ["", "identity", "Identity"])
    func `content without a coding is read`(coding: String) async {
        let reply = await Fixture().send(
            "POST", "/download", headers: ["X-Username": "ann", "Content-Encoding": coding],
            body: Fixture.goodBody)
        #expect(reply.status == 202)
    }

    @Test(arguments: [(0, true), (20_000, false)])
    func `a long body is read elsewhere than on the loop`(padding: Int, isOnLoop: Bool) async {
        let loop = QueueExecutor()
        let wasOnLoop = Mutex<Bool?>(nil)
        let fixture = Fixture(leavesRoot: { _ in
            wasOnLoop.withLock { $0 = loop.isCurrent }
            return false
        })
        let blanks = String(repeating: " ", count: padding)
        let body = Fixture.goodBody.dropLast() + #","output_path":"x"\#(blanks)}"#
        await Task(executorPreference: loop) {
            #expect(await fixture.submit(String(body)).status == 202)
            #expect(loop.isCurrent)
        }.value
        #expect(wasOnLoop.withLock { $0 } == isOnLoop)
    }

    @Test func `bytes that are no text are refused`() async {
        for type in ["application/json", "text/plain"] {
            let reply = await Fixture().send(
                "POST", "/download", headers: ["X-Username": "ann", "Content-Type": type],
                bytes: Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8))
            #expect(reply.status == 400)
            #expect(reply.text == #"{"detail":"There was an error parsing the body"}"#)
        }
    }

    @Test func `unknown members are ignored, and numbers shown as they came`() async {
        let good = Fixture.goodBody.dropLast() + #","extra":{"a":[1]}}"#
        #expect(await detail(String(good)).status == 202)
        let reply = await detail(#"{"exchange":123456789012345678901234567890,"symbols":[1e400]}"#)
        #expect(reply.text.contains(#""input":123456789012345678901234567890}"#))
        #expect(reply.text.contains(#""input":1e400}"#))
    }
}
