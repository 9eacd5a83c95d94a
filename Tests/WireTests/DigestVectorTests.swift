import Causality
import Journals
import Records
import Replicas
import Support
import Testing

struct DigestVectorTests {
    @Test(arguments: Example.all(in: "fold") + Example.all(in: "forks", kinds: ["fold"]))
    func `states, scopes and review items have the digests and ids that the vectors give`(_ example: Example) throws {
        let expect = example["expect"]
        let state = try #require(RecordState.fold(example.edits))
        if !expect["state"].isNull { #expect(state.canonicalBytes == expect["state"].bytes) }
        if !expect["digest"].isNull { #expect(state.digest.description == expect["digest"].text) }
        if !expect["scope_digest"].isNull {
            var scope = ByteWriter()
            scope.raw(example.scope.bytes)
            scope.u64(1)
            scope.hash(state.digest)
            #expect(Hash(.scopeState, scope.bytes).description == expect["scope_digest"].text)
        }
        for (item, wanted) in zip(state.sortedItems(by: example.rules), expect["items"].list) where !wanted["id"].isNull {
            #expect(item.id(in: example.scope).description == wanted["id"].text)
        }
    }
}
