// When the service may say of a laptop: all it had is here.

import Causality
import Records
import Replicas
import Sync
import Testing
import Worlds

struct WholenessTests {
    private let world: World
    private let ann: Replica
    private let centre: Replica

    init() throws {
        world = try World()
        (ann, centre) = (try world.laptop("ann"), try world.centre())
        for i in 1...20 { try ann.put("谈话要点\(i)", of: World.record(UInt64(i)), in: world.scope) }
    }

    @Test func `after an exchange to its end all is there`() throws {
        let line = Line()
        try world.meet(ann, centre, over: line)
        #expect(line.serviceHoldsAll)
    }

    @Test func `also when the way back breaks, for what came had come`() throws {
        let line = Line()
        line.downloadEnds = 1
        #expect(throws: (any Error).self) { try world.meet(ann, centre, over: line) }
        #expect(line.serviceHoldsAll)
    }

    @Test(arguments: [0, 1, 200, 600])
    func `not when the way there breaks`(_ bytes: Int) throws {
        let line = Line()
        line.uploadEnds = bytes
        #expect(throws: (any Error).self) { try world.meet(ann, centre, over: line) }
        #expect(!line.serviceHoldsAll)
    }

    @Test func `not when the service refused a part`() throws {
        let line = Line()
        // The second half of the stream comes changed.
        line.spoilUpload = { bytes in
            guard bytes.count > 900 else { return }
            bytes[bytes.count - 100] ^= 1
        }
        _ = try? world.meet(ann, centre, over: line)
        #expect(!line.serviceHoldsAll)
    }
}
