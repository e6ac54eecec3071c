import SanaEdge

/// The pictures of a prompt as they stand in the page: reference, candidate and what differs.
struct ShownPictures {
    /// The longest side of a picture in the page; larger ones are reduced by an integer.
    static let sideLimit = 512

    let width: Int
    let height: Int
    /// What the folder's pictures were reduced by.
    let reduction: Int
    let reference: [UInt8]
    let candidate: [UInt8]
    let difference: [UInt8]

    init(_ pair: PicturePair) throws(PNGError) {
        reduction = pair.reference.reduction(toSide: Self.sideLimit)
        let shown = pair.reference.reduced(by: reduction)
        (width, height) = (shown.width, shown.height)
        reference = try shown.png()
        candidate = try pair.candidate.reduced(by: reduction).png()
        difference = try DifferenceMap.map(pair).reduced(by: reduction).png()
    }

    /// As PNG files.
    var byteCount: Int { reference.count + candidate.count + difference.count }

    func html(_ result: QualityResult) -> HTML {
        let number = result.index + 1
        let prompt = result.prompt.string
        return """
            \(figure("Reference", "Prompt \(number) by the reference: \(prompt)", reference))
            \(figure("Candidate", "Prompt \(number) by the candidate: \(prompt)", candidate))
            \(figure("Difference × \(DifferenceMap.factor)", "Where the pictures of prompt \(number) differ", difference))
            """
    }

    private func figure(_ title: String, _ text: String, _ png: [UInt8]) -> HTML {
        """
        <figure><img src="\(DataURI.png(png))" width="\(width)" height="\(height)" alt="\(text)">\
        <figcaption>\(title)</figcaption></figure>
        """
    }
}
