// Composes the OpenAPI document from the declarations of the endpoints.

import APITypes
import HTTP
import JSON

/// Writes OpenAPI 3.1 (spec.openapis.org/oas/v3.1.0).
enum OpenAPI {
    /// The document of these operations; HEAD is added wherever GET is, and OPTIONS to every path.
    static func document(of operations: [Operation], version: String) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Tardis Download Service",
                "description": .string(introduction),
                "version": .string(version),
            ],
            // Relative to the document, so that a path prefix of a proxy is kept.
            "servers": [["url": "."]],
            "paths": paths(of: operations),
            "components": [
                "schemas": Schemas.all,
                "responses": [
                    "NotFound": response(.noRoute),
                    "MethodNotAllowed": response(.otherMethod),
                    "SlashRedirect": response(.slash),
                    "UnknownHost": response(.otherHost),
                ],
                "headers": ["X-Request-ID": header(.requestID)],
                "securitySchemes": securitySchemes,
            ],
        ]
    }

    private static let introduction = """
        Downloads historical market data of Tardis in the background. Submit a job, watch it, \
        find proven files in the data folder.

        Every route takes HEAD wherever it takes GET, and OPTIONS. Any other method is answered \
        with 405 and `Allow` (component MethodNotAllowed), any other path with 404 (component \
        NotFound), a path with a slash too many at its end with 307 (component SlashRedirect), and \
        a Host that is none of the service's, where no token is demanded, with 421 (component \
        UnknownHost). Every answer carries `X-Request-ID`, which also stands in the service's log.
        """

    private static let securitySchemes: JSONValue = [
        "APIToken": [
            "type": "apiKey", "in": "header", "name": "X-API-Token",
            "description": "The service's token, where it has one; or administrators'.",
        ],
        "BearerToken": [
            "type": "http", "scheme": "bearer",
            "description": "The same token, where X-API-Token is not sent.",
        ],
    ]

    // MARK: Paths

    private static func paths(of operations: [Operation]) -> JSONValue {
        var paths: JSONValue = [:]
        for operation in operations {
            let path = operation.path.description
            var item = paths[path] ?? [:]
            item[operation.method.rawValue.lowercased()] = declaration(of: operation)
            if operation.method == .get { item["head"] = headDeclaration(of: operation) }
            paths[path] = item
        }
        for operation in operations {
            let path = operation.path.description
            paths[path]?["options"] = optionsDeclaration(of: operation)
        }
        return paths
    }

    private static func declaration(of operation: Operation) -> JSONValue {
        var declaration: JSONValue = [
            "operationId": .string(operation.identifier),
            "summary": .string(operation.summary),
            "description": .string(operation.details),
        ]
        declareParameters(of: operation, in: &declaration)
        if let schema = operation.requestBody {
            declaration["requestBody"] = [
                "required": .bool(!operation.mayOmitBody),
                "content": ["application/json": ["schema": reference(to: schema)]],
            ]
        }
        declaration["responses"] = responses(of: operation, withContent: true)
        declaration["security"] = security(of: operation)
        return declaration
    }

    private static func headDeclaration(of operation: Operation) -> JSONValue {
        var declaration: JSONValue = [
            "operationId": .string("head_" + operation.identifier),
            "summary": .string(operation.summary + ", without the content"),
        ]
        declareParameters(of: operation, in: &declaration)
        declaration["responses"] = responses(of: operation, withContent: false)
        declaration["security"] = security(of: operation)
        return declaration
    }

    private static func optionsDeclaration(of operation: Operation) -> JSONValue {
        var declaration: JSONValue = [
            "operationId": .string("options_" + operation.identifier),
            "summary": "Methods of this path",
        ]
        // The methods of a path do not depend on what its gaps hold.
        let gaps = operation.parameters.filter { $0.location == .path }.map { gap in
            var gap = gap
            gap.schema = ["type": "string"]
            return gap
        }
        if !gaps.isEmpty { declaration["parameters"] = .array(gaps.map(parameter)) }
        declaration["responses"] = ["204": response(.methods)]
        declaration["security"] = []
        return declaration
    }

    private static func declareParameters(
        of operation: Operation, in declaration: inout JSONValue
    ) {
        let parameters =
            (operation.isOpen ? [] : [userName]) + operation.parameters.map(parameter)
        if !parameters.isEmpty { declaration["parameters"] = .array(parameters) }
    }

    /// A parameter, not a security scheme: a name proves nothing, and without one the status is
    /// 400, not 401.
    private static let userName: JSONValue = [
        "name": "X-Username", "in": "header", "required": true,
        "description": "Who asks: printable characters.",
        "schema": [
            "type": "string", "maxLength": .integer(Authentication.nameCharactersMax),
            "pattern": .string("^\(visible)+( +\(visible)+)*$"),
        ],
    ]

    /// A visible character, in a pattern that every dialect of regular expressions understands: no
    /// blank, no control character, no soft hyphen.
    private static let visible = #"[^\u0000-\u0020\u007F-\u00A0\u00AD]"#

    private static func parameter(_ parameter: Operation.Parameter) -> JSONValue {
        [
            "name": .string(parameter.name),
            "in": .string(parameter.location.rawValue),
            "required": .bool(parameter.location == .path),
            "description": .string(parameter.details),
            "schema": parameter.schema,
        ]
    }

    /// The token, where the service has one. OpenAPI cannot express "where set", so all ways are
    /// listed.
    private static func security(of operation: Operation) -> JSONValue {
        operation.isOpen ? [] : [[:], ["APIToken": []], ["BearerToken": []]]
    }

    // MARK: Responses

    private static func responses(of operation: Operation, withContent: Bool) -> JSONValue {
        .object(
            operation.allResponses.map { declared in
                JSONValue.Member(
                    String(declared.status.code), response(declared, withContent: withContent))
            })
    }

    private static func response(
        _ declared: DeclaredResponse, withContent: Bool = true
    ) -> JSONValue {
        var headers: JSONValue = ["X-Request-ID": ["$ref": "#/components/headers/X-Request-ID"]]
        for header in declared.headers { headers[header.name] = self.header(header) }
        var response: JSONValue = ["description": .string(declared.details), "headers": headers]
        if withContent {
            var content = content(declared.content)
            if let other = declared.otherContent.flatMap(self.content) {
                for member in other.members ?? [] { content?[member.name] = member.value }
            }
            response["content"] = content
        }
        return response
    }

    private static func header(_ header: Operation.Header) -> JSONValue {
        [
            "description": .string(header.details), "required": .bool(header.isAlwaysThere),
            "schema": header.schema,
        ]
    }

    private static func content(_ content: DeclaredResponse.Content) -> JSONValue? {
        switch content {
        case .json(let schema): ["application/json": ["schema": reference(to: schema)]]
        case .openAPI: ["application/json": ["schema": ["type": "object"]]]
        case .text: ["text/plain": ["schema": ["type": "string"]]]
        case .html: ["text/html": ["schema": ["type": "string"]]]
        case .nothing: nil
        }
    }

    private static func reference(to schema: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/" + schema)]
    }
}

extension Operation.Header {
    fileprivate static let requestID = Operation.Header(
        name: "X-Request-ID", details: "The id of the request, also in the service's log.")
    fileprivate static let slashless = Operation.Header(
        name: "Location", details: "The path as it should be, relative to the one that was asked.",
        schema: ["type": "string", "format": "uri-reference"])
}

extension DeclaredResponse {
    fileprivate static let noRoute = DeclaredResponse.error(.notFound, "No route has this path.")
    fileprivate static let otherMethod = DeclaredResponse.error(
        .methodNotAllowed, "The route has other methods.", headers: [.allow])
    fileprivate static let slash = DeclaredResponse(
        status: .temporaryRedirect, details: "The route's path has no slash at its end.",
        content: .nothing, headers: [.slashless])
    fileprivate static let otherHost = DeclaredResponse.error(
        .misdirectedRequest, "The Host is none of the service's names.")
    fileprivate static let methods = DeclaredResponse(
        status: .noContent, details: "The methods, in `Allow`.", content: .nothing,
        headers: [.allow])
}
