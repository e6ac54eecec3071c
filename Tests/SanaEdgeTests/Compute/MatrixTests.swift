import SanaEdge
import Testing

@Suite struct MatrixTests {
    @Test func viewsShareTheirMemory() {
        let matrix = Matrix(rows: 4, columns: 3, (0..<12).map { Float($0) })
        let view = matrix.rows(1..<3).columns(1..<3)
        #expect(view.array == [4, 5, 7, 8])
        view[1, 0] = 70
        #expect(matrix[2, 1] == 70)
    }

    @Test func emptyViewsAreAllowed() {
        let matrix = Matrix(rows: 2, columns: 2)
        #expect(matrix.rows(2..<2).array.isEmpty)
        #expect(matrix.columns(2..<2).array.isEmpty)
    }
}
