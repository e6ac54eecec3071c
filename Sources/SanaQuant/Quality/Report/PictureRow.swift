/// A prompt, its figures and its pictures side by side.
struct PictureRow {
    let result: QualityResult
    let pictures: ShownPictures

    var html: HTML {
        let figures = Figure.allCases.map { figure -> HTML in
            "<div><dt>\(figure.shortTitle)</dt><dd>\(figure.shown(result.figures[figure]))</dd></div>"
        }
        return """
            <article>
            <h3><span class="place">\(result.index + 1)</span> <bdi>\(result.prompt.string)</bdi></h3>
            <div class="pictures">
            \(pictures.html(result))
            <dl class="figures">\(figures)<div><dt>Seed</dt><dd>\(result.prompt.seed)</dd></div></dl>
            </div>\(negative)
            </article>

            """
    }

    private var negative: HTML {
        guard !result.prompt.negative.isEmpty else { return "" }
        return """

            <p class="note">Negative prompt: <bdi>\(String(decoding: result.prompt.negative, as: UTF8.self))</bdi></p>
            """
    }
}
