import SanaModel

/// int8 values that take the place of a pack's tensor in one run, laid out as a pack would hold them.
package struct QuantizedTensor: Sendable {
    /// w8a8 or w8.
    package let scheme: Scheme
    package let rows: Int
    package let columns: Int
    let values: Buffer<Int8>  // (rows, columns)
    let scales: Buffer<Float>  // (rows)

    package init(scheme: Scheme, columns: Int, values: [Int8], scales: [Float]) {
        precondition(scheme.isQuantized && values.count == scales.count * columns)
        (self.scheme, self.columns, rows) = (scheme, columns, scales.count)
        (self.values, self.scales) = (Buffer(values), Buffer(scales))
    }

    /// Some outputs as a weight of their own.
    func weight(rows ranges: [Range<Int>], on compute: Compute) -> Weight {
        let (all, allScales) = (values.array, scales.array)
        let part = Buffer(ranges.flatMap { all[$0.lowerBound * columns..<$0.upperBound * columns] })
        let scales = Buffer(ranges.flatMap { allScales[$0] })
        return scheme == .w8
            ? compute.weight(rows: scales.count, columns: columns, w8: part, scales: scales)
            : compute.weight(rows: scales.count, columns: columns, w8a8: part, scales: scales)
    }
}
