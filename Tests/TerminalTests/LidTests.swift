// The first lines of `dundian status`: what may be said when.

import Supervision
import Terminal
import Testing

struct LidTests {
    private func lid(_ unconfirmed: Int, _ onlyHere: Int, _ alsoOn: [String] = [], drafts: Int = 0) -> (zh: [String], en: [String])
    {
        func lines(_ t: Language) -> [String] {
            Reports.lid(unconfirmed: unconfirmed, onlyHere: onlyHere, alsoOn: alsoOn, drafts: drafts, t)
        }
        return (lines(.chinese), lines(.english))
    }

    @Test func `only with everything confirmed and saved may the lid be closed`() {
        #expect(lid(0, 0).zh == ["可以合上电脑：你写的中心都已签收。"])
        #expect(lid(0, 0).en == ["You can close the lid: the centre has confirmed all you wrote."])
        #expect(lid(0, 0, drafts: 1).zh == ["还不能放心：1 份草稿没有保存。存过的中心都已签收。"])
        #expect(lid(0, 0, drafts: 2).en == ["Not yet: 2 drafts are not saved. The centre has confirmed all you saved."])
    }

    @Test func `what is on no other laptop is only here, and drafts are told in the same line`() {
        #expect(lid(3, 3).zh == ["还不能放心：有 3 条只在本机，中心还没有签收。有网络时请同步，并保管好这台电脑。"])
        #expect(lid(1, 1, drafts: 1).en[0].hasPrefix("Not yet: 1 entry is only here, 1 draft is not saved, "))
        #expect(lid(1, 1, drafts: 1).zh[0].hasPrefix("还不能放心：有 1 条只在本机，1 份草稿没有保存，"))
    }

    @Test func `what a neighbour holds is not said to be only here`() {
        let all = lid(3, 0, ["Ben (laptop 2)", "Eve\u{1B} (laptop 3)"], drafts: 1)
        #expect(all.zh == ["中心还没有签收 3 条，但别的电脑上也有，1 份草稿没有保存。有网络时请同步。", "也在这里：Ben (laptop 2)、Eve\\u{1b} (laptop 3)"])
        #expect(
            all.en == [
                "Not yet at the centre: 3 entries, but on other laptops too, 1 draft is not saved. Sync when there is a network.",
                "Also on: Ben (laptop 2), Eve\\u{1b} (laptop 3)",
            ])
        let some = lid(3, 1, ["Ben (laptop 2)"])
        #expect(some.zh == [lid(1, 1).zh[0], "另有 2 条中心还没有签收，但也在这里：Ben (laptop 2)"])
        #expect(some.en == [lid(1, 1).en[0], "2 more are not yet at the centre, but also on: Ben (laptop 2)"])
    }
}
