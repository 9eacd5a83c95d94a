// The conformance kit as a stranger runs it: over a store and a transport of their own, without any test framework.

import Dundian
import DundianConformance

func conformance() throws {
    // The store
    var failures: [String] = []
    for conformance in StoreConformance.cases {
        do { try conformance.run { ShelfStore() } } catch { failures.append("\(conformance): \(error)") }
    }
    expect(failures.isEmpty, "an own store keeps the contract, \(StoreConformance.cases.count) cases \(failures)")

    // The transport
    failures = []
    for conformance in TransportConformance.cases {
        do { try conformance.run { try SocketTransport(to: $0, from: $1) } } catch { failures.append("\(conformance): \(error)") }
    }
    expect(failures.isEmpty, "an own transport conforms, \(TransportConformance.cases.count) cases \(failures)")

    // Both, in use
    let service = try ConformanceService()
    let ann = try service.laptop("Ann", store: ShelfStore())
    let id = try ann.create("note", in: service.scope, fields: [("text", .value(.text("一条示例")))])
    _ = try ann.sync(over: try SocketTransport(to: service, from: ann.key))
    expect(try service.replica.record(id)?.text("text") == "一条示例", "synced from an own store over an own transport")
}
