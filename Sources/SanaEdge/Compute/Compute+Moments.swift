/// What has been seen of a layer's input channels.
package final class ChannelMoments: Sendable {
    package let channels: Int
    /// The greatest magnitude of each channel.
    private let absmax: Buffer<Float>
    /// The sum of each channel's squares.
    private let squares: Buffer<Double>

    package init(channels: Int) {
        self.channels = channels
        absmax = Buffer(count: channels)
        squares = Buffer(count: channels)
    }

    package var greatestMagnitudes: [Float] { absmax.array }
    package var sumsOfSquares: [Double] { squares.array }

    /// Adds some rows' values of some channels, row after row.
    fileprivate func add(_ x: Matrix, channels: Range<Int>) {
        for row in 0..<x.rows {
            let values = unsafe x.pointer(row: row)
            for channel in channels {
                let value = unsafe values[channel]
                unsafe absmax.base[channel] = max(absmax.base[channel], value.magnitude)
                unsafe squares.base[channel] += Double(value) * Double(value)
            }
        }
    }
}

extension Compute {
    /// Channels that one part of the work adds up: each channel is one thread's, and so its rows are added in order.
    private static let momentChannels = 64

    /// Adds the rows of `x` (rows, channels) to what has been seen. The sums do not depend on the number of threads.
    package func add(_ x: Matrix, to moments: ChannelMoments) {
        precondition(x.columns == moments.channels)
        let parts = (x.columns + Compute.momentChannels - 1) / Compute.momentChannels
        parallel(parts) { part in
            let first = part * Compute.momentChannels
            moments.add(x, channels: first..<min(first + Compute.momentChannels, x.columns))
        }
    }
}
