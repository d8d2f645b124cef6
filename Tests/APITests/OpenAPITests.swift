// The OpenAPI document is true: everything that the API answers is declared in it, and everything
// that it declares is answered.

import APITypes
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct OpenAPITests {
    private static func document() async -> JSONValue {
        await Fixture().send("GET", "/openapi.json", headers: [:]).json
    }

    /// All probes with their replies: sent once, for they are many, and each has its own service.
    private static let replies = Task {
        var replies: [(probe: Probe, reply: Reply)] = []
        for probe in await Probe.all() {
            let reply = await probe.fixture.send(
                probe.method, probe.target, headers: probe.headers, body: probe.body)
            replies.append((probe, reply))
        }
        return replies
    }

    @Test func `every answer is declared with its fields and its shape`() async {
        let checker = SchemaChecker(document: await OpenAPITests.document())
        for (probe, reply) in await OpenAPITests.replies.value {
            let name = "\(probe.method) \(probe.target) \(reply.status)"
            let operation = checker.document["paths"]?[probe.path]?[probe.method.lowercased()]
            guard let declared = operation?["responses"]?[String(reply.status)] else {
                Issue.record("\(name) is not declared")
                continue
            }
            check(reply, declared, name, isHead: probe.method == "HEAD", checker)
        }
    }

    @Test func `every declared status occurs`() async {
        var seen: Set<String> = []
        for (probe, reply) in await OpenAPITests.replies.value {
            seen.insert("\(probe.method) \(probe.path) \(reply.status)")
        }
        let paths = await OpenAPITests.document()["paths"]?.members ?? []
        var declared: Set<String> = []
        for path in paths {
            for method in path.value.members ?? [] {
                for response in method.value["responses"]?.members ?? [] {
                    declared.insert("\(method.name.uppercased()) \(path.name) \(response.name)")
                }
            }
        }
        // The size of a body is the server's business; nothing on the open routes can fail.
        let elsewhere = declared.filter {
            $0.hasSuffix(" 413")
                || $0.hasSuffix(" 500") && !$0.contains("/jobs") && !$0.contains("/download")
                    && !$0.contains("/events")
        }
        #expect(declared.subtracting(seen).subtracting(elsewhere) == [])
    }

    @Test func `answers outside of the routes are declared as components`() async {
        let document = await OpenAPITests.document()
        let checker = SchemaChecker(document: document)
        for (method, target, component) in [
            ("GET", "/nope", "NotFound"), ("PUT", "/jobs", "MethodNotAllowed"),
            ("HEAD", "/download", "MethodNotAllowed"), ("GET", "/jobs/", "SlashRedirect"),
            ("GET", "/jobs", "UnknownHost"),
        ] {
            let host = component == "UnknownHost" ? "evil.example" : "localhost"
            let reply = await Fixture().send(
                method, target, headers: ["X-Username": "ann", "Host": host])
            let declared = document["components"]?["responses"]?[component] ?? .null
            check(reply, declared, "\(method) \(target)", isHead: false, checker)
        }
    }

    @Test func `every route is in the document, and nothing else`() async {
        let document = await OpenAPITests.document()
        #expect(document["openapi"] == "3.1.0")
        let paths = document["paths"]?.members ?? []
        #expect(
            Set(paths.map(\.name)) == [
                "/", "/health", "/download", "/jobs", "/jobs/{job_id}", "/jobs/{job_id}/status",
                "/jobs/{job_id}/files", "/jobs/{job_id}/manifest", "/jobs/{job_id}/verify",
                "/jobs/actions", "/jobs/{job_id}/cancel", "/jobs/{job_id}/retry",
                "/jobs/{job_id}/pause", "/jobs/{job_id}/resume", "/jobs/{job_id}/events",
                "/jobs/{job_id}/accept-gaps", "/events", "/settings/limits",
                "/settings/upstream/resume", "/settings/data-root/confirm", "/openapi.json",
                "/docs",
            ])
        for path in paths {
            let target = path.name.split(separator: "/", omittingEmptySubsequences: false)
                .map { $0.hasPrefix("{") ? "1" : String($0) }.joined(separator: "/")
            let allow = await Fixture().send("OPTIONS", target).headers["Allow"] ?? ""
            let methods = allow.split(separator: ",").map {
                $0.filter { $0 != " " }.lowercased()
            }
            #expect(Set(methods) == Set((path.value.members ?? []).map(\.name)))
        }
    }

    @Test func `security is declared where it is enforced`() async {
        for path in await OpenAPITests.document()["paths"]?.members ?? [] {
            for method in path.value.members ?? [] where method.name != "options" {
                let isOpen = method.value["security"]?.elements?.isEmpty == true
                let target = path.name.split(separator: "/", omittingEmptySubsequences: false)
                    .map { $0.hasPrefix("{") ? "1" : String($0) }.joined(separator: "/")
                let reply = await Fixture(token: "t")
                    .send(method.name.uppercased(), target, headers: [:])
                #expect((reply.status == 401) != isOpen)
            }
        }
    }

    @Test func `the name is a required parameter wherever it is asked for`() async {
        for path in await OpenAPITests.document()["paths"]?.members ?? [] {
            for method in path.value.members ?? [] where method.name != "options" {
                let names = (method.value["parameters"]?.elements ?? [])
                    .filter { $0["in"] == "header" && $0["required"] == true }
                    .compactMap { $0["name"]?.string }
                let target = path.name.replacing("{job_id}", with: "1")
                let reply = await Fixture().send(method.name.uppercased(), target, headers: [:])
                #expect((names == ["X-Username"]) == (reply.status == 400))
            }
        }
    }

    @Test func `a name that the document allows is taken, and one that it does not is refused`()
        async throws
    {
        let document = await OpenAPITests.document()
        let parameter = document["paths"]?["/jobs"]?["get"]?["parameters"]?.elements?.first
        let pattern = try Regex(parameter?["schema"]?["pattern"]?.string ?? "")
        for name in ["ann", "Ann Ö. Lee", "日本", "<a@b>", "a\tb", "a\u{85}b", "\u{AD}", "a\u{7F}"] {
            let reply = await Fixture().send("GET", "/jobs", headers: ["X-Username": name])
            #expect((name.wholeMatch(of: pattern) != nil) == (reply.status == 200), "\(name)")
        }
    }

    @Test func `what is refused is declared: keys, and bodies that change nothing`() async throws {
        let document = await OpenAPITests.document()
        let key = document["paths"]?["/download"]?["post"]?["parameters"]?.elements?
            .first { $0["name"] == "Idempotency-Key" }
        let pattern = try Regex(key?["schema"]?["pattern"]?.string ?? "")
        let long = String(repeating: "k", count: 255)
        for text in [
            "8e03978e-40d5", "\"8e03978e 40d5\"", "a b", "", "\"\"", "\"a", "\"a\\\"b\"",
            "\"a\\b\"", "é", long, long + "k", "\"\(long)\"", "\"\(long)k\"",
        ] {
            let reply = await Fixture().submit(Fixture.goodBody, key: text)
            #expect((text.wholeMatch(of: pattern) != nil) == (reply.status == 202), "\(text)")
        }
        let schemas = document["components"]?["schemas"]
        for (name, path) in [("JobChange", "/jobs/1"), ("LimitsChange", "/settings/limits")] {
            #expect(schemas?[name]?["minProperties"] == 1)
            let fixture = Fixture(admins: ["ann"])
            _ = await fixture.submit(Fixture.goodBody)
            #expect(await fixture.send("PATCH", path, body: "{}").status == 422)
        }
        // A job has no defaults to go back to: `null` changes nothing of it.
        let ways = schemas?["JobChange"]?["anyOf"]?.elements ?? []
        #expect(
            ways.map { $0["required"] } == [["priority"], ["pinned"]]
                && ways.allSatisfy { $0["properties"]?.members?.first?.value["type"] != "null" })
        for body in [#"{"pinned":null}"#, #"{"priority":null,"pinned":null}"#] {
            let fixture = Fixture()
            _ = await fixture.submit(Fixture.goodBody)
            #expect(await fixture.send("PATCH", "/jobs/1", body: body).status == 422)
        }
        #expect(document["servers"] == [["url": "."]])
    }

    @Test func `OPTIONS promises nothing about the gaps of a path`() async {
        #expect(await Fixture().send("OPTIONS", "/jobs/x").status == 204)
        let item = await OpenAPITests.document()["paths"]?["/jobs/{job_id}"]
        let gap = item?["options"]?["parameters"]?.elements?.first
        #expect(gap?["schema"] == ["type": "string"])
    }

    @Test func `operations have names of their own, and references lead somewhere`() async {
        let document = await OpenAPITests.document()
        let checker = SchemaChecker(document: document)
        var names: [String] = []
        func walk(_ value: JSONValue) {
            for member in value.members ?? [] {
                if member.name == "operationId" { names.append(member.value.string ?? "") }
                if member.name == "$ref" {
                    #expect(checker.resolve(member.value.string ?? "") != nil)
                }
                walk(member.value)
            }
            value.elements?.forEach(walk)
        }
        walk(document)
        #expect(names.count == 59)
        #expect(Set(names).count == names.count)
    }

    @Test func `the parameters of paths and the query are declared as they are taken`() async {
        let document = await OpenAPITests.document()
        let all = document["paths"]?["/jobs"]?["get"]?["parameters"]?.elements ?? []
        let parameters = all.filter { $0["in"] == "query" }
        #expect(
            parameters.compactMap { $0["name"]?.string } == [
                "limit", "offset", "cursor", "status", "user", "exchange",
            ])
        for parameter in parameters {
            let name = parameter["name"]?.string ?? ""
            let schema = parameter["schema"] ?? [:]
            let edges = [schema["minimum"]?.integer, schema["maximum"]?.integer].compactMap { $0 }
            for edge in edges {
                #expect(await Fixture().send("GET", "/jobs?\(name)=\(edge)").status == 200)
            }
            if let least = edges.first {
                #expect(await Fixture().send("GET", "/jobs?\(name)=\(least - 1)").status == 422)
            }
            if edges.count == 2 {
                #expect(await Fixture().send("GET", "/jobs?\(name)=\(edges[1] + 1)").status == 422)
            }
            for choice in schema["enum"]?.elements?.compactMap(\.string) ?? [] {
                #expect(await Fixture().send("GET", "/jobs?\(name)=\(choice)").status == 200)
            }
        }
    }

    @Test func `the example of a request is accepted`() async throws {
        let document = await OpenAPITests.document()
        let schema = document["components"]?["schemas"]?["DownloadRequest"]
        let example = try #require(schema?["example"])
        let body = String(decoding: JSONCoding.encode(example), as: UTF8.self)
        #expect(await Fixture().submit(body).status == 202)
    }

    @Test(arguments: ["symbols", "data_types"])
    func `a list takes neither nothing nor an empty name, and the document says so`(
        name: String
    ) async throws {
        let schemas = await OpenAPITests.document()["components"]?["schemas"]
        let list = try #require(schemas?["DownloadRequest"]?["properties"]?[name])
        #expect(list["minItems"] == 1)
        #expect(list["items"]?["minLength"] == 1)
        for value in [[], [""]] as [JSONValue] {
            var body = try JSONReader.read(Array(Fixture.goodBody.utf8))
            body[name] = value
            let text = String(decoding: JSONCoding.encode(body), as: UTF8.self)
            #expect(await Fixture().submit(text).status == 422, "\(text)")
        }
    }

    private func check(
        _ reply: Reply, _ declared: JSONValue, _ name: String, isHead: Bool,
        _ checker: SchemaChecker
    ) {
        let headers = declared["headers"]?.members ?? []
        for header in headers
        where header.name != "X-Request-ID" && header.value["required"] != false {
            #expect(reply.headers[header.name] != nil, "\(name) lacks \(header.name)")
        }
        reply.headers.forEach { field, _ in
            let isDeclared = headers.contains { $0.name.lowercased() == field.lowercased() }
            #expect(isDeclared || field == "Content-Type", "\(name): \(field) is not declared")
        }
        // HEAD's content is cut off by the server, and so it is not declared.
        guard !isHead else { return }
        guard let media = declared["content"]?.members?.first else {
            #expect(reply.text == "", "\(name) has content")
            return
        }
        #expect(reply.headers["Content-Type"]?.hasPrefix(media.name) == true, "\(name): type")
        if media.name == "application/json" {
            let problems = checker.problems(of: reply.json, against: media.value["schema"] ?? [:])
            #expect(problems == [], "\(name)")
        }
    }
}
