// What replies mean, without a network.

import APITypes
import Curl
import Testing

@testable import APIClient

@Suite struct ResponseDecoderTests {
    private func read(
        _ status: Int, _ body: String, headers: [(name: String, value: String)] = []
    ) throws(APIClientError) -> APIReply<SubmitResponse> {
        try ResponseDecoder.read(
            SubmitResponse.self, head: ResponseHead(status: status, headers: headers),
            body: Array(body.utf8), statuses: [202])
    }

    private func refusal(
        _ status: Int, _ body: String, headers: [(name: String, value: String)] = []
    ) throws -> ServiceError {
        let error = #expect(throws: APIClientError.self) {
            _ = try read(status, body, headers: headers)
        }
        guard case .refused(let refusal)? = error else {
            throw error ?? APIClientError.other("no error")
        }
        return refusal
    }

    @Test func `decodes the expected answer and keeps its bytes`() throws {
        let body = #"{ "job_id":7, "message":"m","status":"pending","notes":[],"new":1 }"#
        let reply = try read(202, body)
        #expect(reply.value.jobID == 7)
        #expect(reply.body == Array(body.utf8))
    }

    @Test func `an error with a message has one line`() throws {
        let refusal = try refusal(
            404, #"{"detail":"Job 99 not found"}"#, headers: [("x-request-id", "r1")])
        #expect(refusal.status == 404)
        #expect(refusal.lines == ["Job 99 not found"])
        #expect(refusal.requestID == "r1")
    }

    @Test func `validation problems become one readable line each`() throws {
        let refusal = try refusal(
            422,
            #"""
            {"detail":[
            {"type":"unknown_symbol","loc":["body","symbols",0],
             "msg":"Value error, not a symbol of binance; did you mean BTCUSDT?","input":"BTCUSD"},
            {"type":"missing","loc":["body","end_date"],"msg":"Field required","input":{"a":1}},
            {"type":"int_parsing","loc":["query","limit"],"msg":"no integer","input":"x"},
            {"type":"json_invalid","loc":["body",12],"msg":"JSON decode error","input":{},
             "ctx":{"error":"Expecting value"}}]}
            """#)
        #expect(
            refusal.lines == [
                "symbols[0]: not a symbol of binance; did you mean BTCUSDT? (you sent BTCUSD)",
                "end_date: Field required",
                "limit: no integer (you sent x)",
                "body[12]: JSON decode error",
            ])
    }

    @Test func `does not repeat input that the message holds`() throws {
        let refusal = try refusal(
            422,
            #"{"detail":[{"type":"t","loc":["body"],"msg":"XBT is unknown","input":"XBT"}]}"#)
        #expect(refusal.lines == ["body: XBT is unknown"])
    }

    @Test func `reads Retry-After`() throws {
        let busy = #"{"detail":"busy"}"#
        #expect(try refusal(503, busy, headers: [("Retry-After", "7")]).retryAfterSeconds == 7)
        #expect(try refusal(503, busy, headers: [("Retry-After", "-7")]).retryAfterSeconds == nil)
        #expect(try refusal(503, busy, headers: [("Retry-After", "soon")]).retryAfterSeconds == nil)
    }

    @Test(arguments: [
        (200, "<html>hello</html>"), (202, "{}"), (202, "[]"), (202, ""), (302, ""),
        (404, "not found"), (502, "<html>Bad Gateway</html>"), (404, #"{"error":"x"}"#),
        (200, #"{"detail":"x"}"#),
    ])
    func `anything else is a foreign response`(status: Int, body: String) {
        #expect(throws: APIClientError.foreignResponse(ForeignResponse(status: status))) {
            _ = try read(status, body)
        }
    }

    @Test func `knows transient errors and those that leave doubt`() {
        let busy = APIClientError.refused(ServiceError(status: 503, lines: []))
        let wrong = APIClientError.refused(ServiceError(status: 422, lines: []))
        #expect(busy.isTransient)
        #expect(!wrong.isTransient)
        #expect(APIClientError.foreignResponse(ForeignResponse(status: 502)).isTransient)
        #expect(!APIClientError.foreignResponse(ForeignResponse(status: 200)).isTransient)
        #expect(APIClientError.timedOut.leavesDoubt)
        #expect(!APIClientError.cannotConnect.leavesDoubt)
        #expect(!wrong.leavesDoubt)
    }
}
