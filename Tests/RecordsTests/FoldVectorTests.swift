import Causality
import Records
import Support
import Testing

struct FoldVectorTests {
    @Test(arguments: Example.all(in: "fold"))
    func `edits fold to the expected state, shown values and review items, in whatever order they come`(_ example: Example) {
        let differences = Set(example.edits.orders.flatMap { example.differences(from: RecordState.fold($0)) })
        #expect(differences == [])
    }

    @Test(arguments: Example.all(in: "fold"))
    func `edits folded one by one as they were seen are edits folded all at once`(_ example: Example) {
        let edits = example.edits
        let whole = RecordState.fold(edits)
        let different = edits.causalOrders.filter { $0.foldedOneByOne != whole }
        #expect(different == [])
    }
}
