import Testing

/// Runs a float operation on every tier, with its memory against either forbidden page, and expects the same bits.
func onEveryTier(
    _ comment: String = "", _ run: (KernelTier, Edge) -> [Float],
    sourceLocation: SourceLocation = #_sourceLocation
) -> [Float] {
    let reference = run(.scalar, .end)
    for tier in KernelTier.all {
        for edge in Edge.allCases {
            let result = run(tier, edge)
            #expect(
                result.bits == reference.bits, "\(tier.name), \(edge) \(comment)",
                sourceLocation: sourceLocation)
        }
    }
    return reference
}

/// Expects values within `tolerance`, relative to the greatest expected magnitude.
func expectClose(
    _ values: [Float], _ expected: [Double], _ tolerance: Double, _ comment: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let size = expected.map(abs).max() ?? 0
    let worst = zip(values, expected).map { abs(Double($0) - $1) }.max() ?? 0
    #expect(
        values.count == expected.count && worst <= tolerance * max(size, 1e-30),
        "\(worst) of \(size) \(comment)", sourceLocation: sourceLocation)
}
