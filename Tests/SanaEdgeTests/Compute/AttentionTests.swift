import SanaEdge
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct AttentionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var queries = 5
        var keys = 5
        var heads = 2
        var keyValueHeads = 2
        var dimension = 8
        var softcap: Float?
        var causal = false
        var window: Int?
        var testDescription: String {
            "\(queries) of \(keys), \(heads)/\(keyValueHeads) heads of \(dimension), "
                + "softcap \(softcap ?? 0), causal \(causal), window \(window ?? 0)"
        }
    }

    static let cases = [
        Case(), Case(queries: 1, keys: 1),
        Case(queries: 130, keys: 30, heads: 3, keyValueHeads: 3, dimension: 18),
        Case(queries: 70, keys: 300, heads: 4, keyValueHeads: 2, dimension: 16, softcap: 50),
        Case(queries: 131, keys: 131, heads: 4, keyValueHeads: 1, softcap: 5, causal: true),
        Case(queries: 131, keys: 131, causal: true, window: 20),
        Case(queries: 10, keys: 100, causal: true, window: 64),
        Case(queries: 9, keys: 9, causal: true, window: 1),
    ]

    @Test(arguments: cases)
    func softmaxAttentionMatchesItsFormula(c: Case) {
        var samples = Samples(c.queries)
        let compute = Compute(threads: 2, tier: .fastest)
        let d = c.dimension
        let (q, k) = (samples.view(c.queries, c.heads * d), samples.view(c.keys, c.keyValueHeads * d))
        let v = samples.view(c.keys, c.keyValueHeads * d)
        let y = samples.view(c.queries, c.heads * d)
        let scale: Float = 0.7
        compute.attention(
            q: q, k: k, v: v, heads: c.heads, keyValueHeads: c.keyValueHeads, headDimension: d, scale: scale,
            softcap: c.softcap, causal: c.causal, window: c.window, into: y)
        var expected: [Double] = []
        let (qs, ks, vs) = (q.doubles, k.doubles, v.doubles)
        for row in 0..<c.queries {
            for head in 0..<c.heads {
                let group = head / (c.heads / c.keyValueHeads)
                let position = row + c.keys - c.queries
                let powers = (0..<c.keys).map { key in
                    let distance = position - key
                    if c.causal && (distance < 0 || distance >= c.window ?? .max) { return 0.0 }
                    var logit = (0..<d).reduce(0.0) {
                        $0 + qs[row * c.heads * d + head * d + $1]
                            * ks[key * c.keyValueHeads * d + group * d + $1]
                    }
                    logit *= Double(scale)
                    if let softcap = c.softcap.map(Double.init) { logit = softcap * tanh(logit / softcap) }
                    return exp(logit)
                }
                let total = powers.reduce(0, +)
                expected += (0..<d).map { j in
                    (0..<c.keys).reduce(0.0) {
                        $0 + powers[$1] / total * vs[$1 * c.keyValueHeads * d + group * d + j]
                    }
                }
            }
        }
        #expect(distance(y.array, expected) < 1e-5)
    }

    @Test(arguments: [(1, 1, 4, 4), (300, 3, 32, 96), (600, 9, 8, 8), (257, 2, 17, 20)])
    func linearAttentionMatchesItsFormula(tokens: Int, heads: Int, d: Int, stride: Int) {
        var samples = Samples(tokens)
        let compute = Compute(threads: 2, tier: .fastest)
        let width = (heads - 1) * stride + d
        let (q, k, v) = (
            samples.view(tokens, width), samples.view(tokens, width), samples.view(tokens, width)
        )
        let y = samples.view(tokens, heads * d)
        compute.linearAttention(
            q: q, k: k, v: v, heads: heads, headDimension: d, headStride: stride, epsilon: 1e-15, into: y)
        let (qs, ks, vs) = (q.doubles.map { max($0, 0) }, k.doubles.map { max($0, 0) }, v.doubles)
        var expected = [Double](repeating: 0, count: tokens * heads * d)
        for head in 0..<heads {
            var state = [Double](repeating: 0, count: d * (d + 1))
            for token in 0..<tokens {
                let first = token * width + head * stride
                for i in 0..<d {
                    for j in 0..<d { state[i * (d + 1) + j] += ks[first + i] * vs[first + j] }
                    state[i * (d + 1) + d] += ks[first + i]
                }
            }
            for token in 0..<tokens {
                let first = token * width + head * stride
                let o = (0...d).map { j in
                    (0..<d).reduce(0.0) { $0 + qs[first + $1] * state[$1 * (d + 1) + j] }
                }
                for j in 0..<d { expected[(token * heads + head) * d + j] = o[j] / (o[d] + 1e-15) }
            }
        }
        #expect(distance(y.array, expected) < 1e-5)
    }

    @Test func headsTurnByTheirPosition() {
        var samples = Samples(8)
        let compute = Compute(threads: 2, tier: .fastest)
        let (heads, d, first) = (3, 16, 5)
        let x = samples.view(7, heads * d)
        let before = x.doubles
        compute.rotate(x, heads: heads, headDimension: d, theta: 10000, firstPosition: first)
        let expected = before.indices.map { index in
            let (row, i) = (index / (heads * d), index % d)
            let head = index - i
            let angle = Double(first + row) * pow(10000, -2 * Double(i % 8) / 16)
            let (a, b) = (before[head + i % 8], before[head + 8 + i % 8])
            return i < 8 ? a * cos(angle) - b * sin(angle) : b * cos(angle) + a * sin(angle)
        }
        #expect(distance(x.array, expected) < 1e-6)
    }
}
