import SanaEdge
import SanaModel

extension ReportFolder {
    /// A page with more is no longer one that is sent.
    private static let rowLimit = 24
    private static let pictureBytes = 16 << 20
    private static let fileLimit = 1 << 30

    /// The report's page, with the pictures of the folder.
    ///
    /// - Throws: `FileError`, `PNGError`, `QualityError.differentSizes`.
    func page(_ report: QualityReport) throws -> QualityPage {
        let worstFirst = report.results.filter { hasPictures($0.index) }.sorted {
            ($0.figures[.similarity], $0.index) < ($1.figures[.similarity], $1.index)
        }
        var rows: [PictureRow] = []
        var size = 0
        for result in worstFirst.prefix(Self.rowLimit) {
            let pictures = try ShownPictures(pair(result.index))
            size += pictures.byteCount
            if !rows.isEmpty, size > Self.pictureBytes { break }
            rows.append(PictureRow(result: result, pictures: pictures))
        }
        return QualityPage(report: report, rows: rows) { index in
            hasPictures(index) ? (picture(index, .reference), picture(index, .candidate)) : nil
        }
    }

    private func pair(_ index: Int) throws -> PicturePair {
        func read(_ side: Side) throws -> RGBImage {
            let file = "\(path)/\(picture(index, side))"
            return try RGBImage(png: readWholeFile(file, limit: Self.fileLimit), file: file)
        }
        let pair = PicturePair(reference: try read(.reference), candidate: try read(.candidate))
        guard (pair.reference.width, pair.reference.height) == (pair.candidate.width, pair.candidate.height)
        else {
            throw QualityError.differentSizes(
                candidate: "\(path)/\(picture(index, .candidate))",
                reference: "\(path)/\(picture(index, .reference))",
                sizes: "\(pair.candidate.width)x\(pair.candidate.height) and "
                    + "\(pair.reference.width)x\(pair.reference.height)")
        }
        return pair
    }
}
