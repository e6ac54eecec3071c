import SanaEdge
import Testing

@Suite struct RearrangeTests {
    let compute = Compute(threads: 2, tier: .fastest)

    @Test func channelsAreRepeatedAndAdded() {
        var samples = Samples(1)
        let (x, y) = (samples.view(5, 4), samples.view(5, 12))
        let before = y.array
        compute.addRepeated(x, repeats: 3, into: y)
        #expect(y.array == before.indices.map { before[$0] + x[$0 / 12, $0 % 12 / 3] })
    }

    @Test(arguments: [(16, 4, 1), (8, 4, 2), (70, 35, 2), (4, 4, 4), (2, 1, 2), (4, 3, 3), (5, 10, 8)])
    func shortcutShufflesRepeatedChannels(inputs: Int, outputs: Int, repeats: Int) {
        var samples = Samples(2)
        let (height, width) = (3, 5)
        let x = samples.view(height * width, inputs)
        let y = samples.view(4 * height * width, outputs)
        let before = y.array
        compute.addUpsampleShortcut(x, height: height, width: width, repeats: repeats, into: y)
        for index in before.indices {
            let (pixel, o) = (index / outputs, index % outputs)
            let (row, column) = (pixel / (2 * width), pixel % (2 * width))
            let source = row / 2 * width + column / 2
            let channel = (4 * o + 2 * (row % 2) + column % 2) / repeats
            #expect(y[pixel, o] == before[index] + x[source, channel])
        }
    }

    @Test func shuffleMovesChannelsToPixels() {
        var samples = Samples(3)
        let (height, width, outputs) = (3, 4, 5)
        let (x, y) = (samples.view(height * width, 4 * outputs), samples.view(4 * height * width, outputs))
        compute.pixelShuffle(x, height: height, width: width, into: y)
        for pixel in 0..<y.rows {
            let (row, column) = (pixel / (2 * width), pixel % (2 * width))
            for o in 0..<outputs {
                #expect(y[pixel, o] == x[row / 2 * width + column / 2, 4 * o + 2 * (row % 2) + column % 2])
            }
        }
    }
}
