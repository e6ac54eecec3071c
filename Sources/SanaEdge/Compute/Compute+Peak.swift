import QuantKernels
import Synchronization

extension Compute {
    /// A type of arithmetic with a peak of its own.
    public enum PeakKind: Sendable {
        case int8
        case float32
    }

    /// Multiplies and adds in registers alone, the same work on every thread at once.
    ///
    /// - Returns: the multiply-adds of all threads.
    public func multiplyInRegisters(_ kind: PeakKind, iterations: Int) -> Int {
        let kernels = unsafe kernels
        let total = Atomic<Int>(0)
        parallel(threads) { _ in
            let macs =
                switch kind {
                case .int8: unsafe kernels.peak_s8(iterations)
                case .float32: unsafe kernels.peak_f32(iterations)
                }
            total.add(Int(macs), ordering: .relaxed)
        }
        return total.load(ordering: .relaxed)
    }
}
