using System.Globalization;
using Fovea.Cli.Predictions;
using Fovea.Data.Loading;
using Fovea.Explain;
using Fovea.Imaging;
using Fovea.Imaging.Drawing;
using Fovea.Torch;
using Fovea.Training;

namespace Fovea.Cli.Explanations;

/// <summary>Looks at a network rather than at one picture: its first kernels, what excites its maps, how it bears changes of a picture.</summary>
internal sealed class Study(Func<string, Predictor> load, string path, string folder, bool json) : IDisposable
{
    private const double CellSize = 110;
    private const int FieldSide = 224, SmallestField = 96;

    private readonly Lazy<Predictor> predictor = new(() => load(path));

    /// <summary>What can be studied.</summary>
    public static IReadOnlyList<string> Names { get; } = ["filters", "patches", "evolution", "invariance", "effective-field"];

    /// <summary>Names of the layers, none to choose.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>The maps looked at.</summary>
    public IReadOnlyList<int> Units { get; init; } = [];

    /// <summary>Weights from before the network's, earliest first.</summary>
    public IReadOnlyList<string> Checkpoints { get; init; } = [];

    /// <summary>How many random pictures.</summary>
    public int Samples { get; init; }

    /// <summary>The class whose confidence is followed.</summary>
    public TargetRequest Request { get; init; } = new();

    private Predictor Predictor => predictor.Value;

    public void Run(string name, IReadOnlyList<string> files)
    {
        if (files.Count == 0 && name is not ("filters" or "effective-field"))
            throw new UsageException($"IMAGES: found none, expected the pictures that --method {name} looks at");
        using var scope = new TensorScope();
        switch (name)
        {
            case "filters":
                Save(name, ExplanationDrawing.Plain(FirstLayerFilters.Draw(Predictor.Model)));
                break;
            case "patches":
                ShowPatches(files);
                break;
            case "evolution":
                ShowEvolution(files);
                break;
            case "invariance":
                ShowInvariance(files);
                break;
            default:
                ShowField();
                break;
        }
    }

    public void Dispose()
    {
        if (predictor.IsValueCreated)
            predictor.Value.Dispose();
    }

    private void ShowPatches(IReadOnlyList<string> files)
    {
        _ = new Explainer(Predictor);
        var layer = Layer(files[0]);
        var found = StrongestPatches.Find(Predictor.Model, layer, Units, Pictures(files));
        var cells = found.Zip(Units).SelectMany(pair => (IEnumerable<(SvgCanvas, string)>)
        [
            (Mosaic(pair.First, static patch => patch.Patch), $"map {pair.Second}: patches"),
            .. pair.First.Any(static patch => patch.Projection is not null) ? [(Mosaic(pair.First, static patch => patch.Projection!), $"map {pair.Second}: deconvnet")] : Array.Empty<(SvgCanvas, string)>(),
        ]).ToList();
        Save("patches", SampleSheet.Draw(cells, columns: 4, cellSize: 300, title: $"the strongest places of {layer.Name}"),
            found.Zip(Units, static (patches, unit) => new { Unit = unit, Places = patches.Select(static patch => new { Image = patch.Path, patch.Row, patch.Column, patch.Activation }) }));
    }

    private void ShowEvolution(IReadOnlyList<string> files)
    {
        var earlier = Checkpoints.Count > 0 ? Checkpoints : new RunFolder(path).Kept;
        if (earlier.Count == 0)
            throw new UsageException("--checkpoint: found none, expected at least one file of weights from before MODEL, or a run whose recipe has 'keep_every'");
        _ = new Explainer(Predictor);
        var layer = Layer(files[0]);
        if (layer.Name.StartsWith('<'))
            throw new UsageException("--layer: found none, expected one; the network's usual layer has no name");
        string[] stages = [.. earlier, path];
        var rows = FeatureEvolution.Follow(stages, load, layer.Name, Units, [.. Pictures(files)]);
        var cells = rows.Zip(Units).SelectMany(row => row.First.Select((patch, stage) => (Pair(patch), $"map {row.Second}, {Path.GetFileNameWithoutExtension(stages[stage])}"))).ToList();
        Save("evolution", SampleSheet.Draw(cells, columns: stages.Length, cellSize: 220, title: $"{layer.Name} in training: strongest place and deconvnet"));
    }

    private void ShowInvariance(IReadOnlyList<string> files)
    {
        var explainer = new Explainer(Predictor);
        var layers = Layers.Count > 0
            ? Layers.Select(name => LayerChoice.Find(Predictor.Model, name)).ToList()
            : [FirstConvolution(), Layer(files[0])];
        var charts = new List<(SvgCanvas, string)>();
        var figures = new List<object>();
        foreach (var file in files)
        {
            var image = Load(file);
            using var batch = Collation.ForPrediction([(file, image)], Predictor.Model.Preprocessing);
            var target = explainer.Ask(batch, Request).Target;
            foreach (var change in PictureChange.All)
            {
                var curves = FeatureInvariance.Measure(Predictor.Model, layers, target, (file, image), change);
                charts.Add((Chart(curves, Predictor.Labels[target.Label]), Path.GetFileName(file)));
                figures.Add(new { Image = file, Change = change.Name, change.Values, curves.Layers, curves.Distances, curves.Confidences });
            }
        }

        Save("invariance", SampleSheet.Draw(charts, columns: 3, cellSize: 420), figures);
    }

    private void ShowField()
    {
        _ = new Explainer(Predictor);
        var channels = Predictor.Model.Preprocessing.Mean.Count;
        var side = Predictor.Model.Preprocessing.Height > 0 ? Predictor.Model.Preprocessing.Height : FieldSide;
        var images = Tensor.Zeros([1, channels, side, side]);
        var layer = Layers.Count > 0 ? LayerChoice.Find(Predictor.Model, Layers[0]) : LayerChoice.Default(Predictor.Model, images);
        var seen = NetworkProfile.Of(Predictor.Model, images).Layers.FirstOrDefault(part => part.Name == layer.Name);
        // No more of a picture than can have an influence, where the network takes any size.
        if (seen is { Fields.Count: > 0 } && Predictor.Model.Preprocessing.Height == 0)
            side = Math.Clamp((int)(seen.Fields.Max(static axis => axis.Size) * 1.25), SmallestField, FieldSide) / 32 * 32;
        var field = EffectiveReceptiveField.Of(Predictor.Model, layer, side, Samples);
        var (vertical, horizontal) = (Math.Sqrt(field.Variance.Vertical), Math.Sqrt(field.Variance.Horizontal));
        var caption = string.Create(CultureInfo.InvariantCulture, $"{layer.Name}: deviation {vertical:0.#} pixels down, {horizontal:0.#} across\n{(seen is null ? "" : $"a cell sees {ProfileDrawing.FieldOf(seen)} by arithmetic; shown are {side}")}");
        Save("effective-field", SampleSheet.Draw([(HeatMapDrawing.Draw([.. field.Values], field.Size, map: ColourMap.Viridis), caption)], cellSize: 520),
            new { Layer = layer.Name, StandardDeviation = new { Vertical = vertical, Horizontal = horizontal }, field.Support, ReceptiveField = seen?.Fields.Select(static axis => axis.Size) });
    }

    private NamedLayer FirstConvolution() => LayerChoice.Find(Predictor.Model, Predictor.Model.NamedModules().First(static part => part.Value is Torch.Nn.Convolution).Key);

    private NamedLayer Layer(string file)
    {
        if (Layers.Count > 0)
            return LayerChoice.Find(Predictor.Model, Layers[0]);
        using var batch = Collation.ForPrediction([(file, Load(file))], Predictor.Model.Preprocessing);
        return LayerChoice.Default(Predictor.Model, batch.Images);
    }

    private IEnumerable<(string Path, Image Image)> Pictures(IReadOnlyList<string> files) => files.Select(file => (file, Load(file)));

    // As the network's evaluation prepares it.
    private Image Load(string file) => Predictor.Transforms.ApplyFixed(Predictor.Read(file)).Image;

    private static SvgCanvas Mosaic(IReadOnlyList<StrongPatch> patches, Func<StrongPatch, Image> picture)
    {
        var canvas = new SvgCanvas(3 * CellSize, 3 * CellSize);
        for (var i = 0; i < Math.Min(9, patches.Count); i++)
            canvas.Picture(picture(patches[i]), i % 3 * CellSize, i / 3 * CellSize, CellSize - 2, CellSize - 2);
        return canvas;
    }

    private static SvgCanvas Pair(StrongPatch patch)
    {
        var canvas = new SvgCanvas((patch.Projection is null ? 1 : 2) * CellSize, CellSize).Picture(patch.Patch, 0, 0, CellSize - 2, CellSize - 2);
        return patch.Projection is { } projection ? canvas.Picture(projection, CellSize, 0, CellSize - 2, CellSize - 2) : canvas;
    }

    private static SvgCanvas Chart(InvarianceCurves curves, string name)
    {
        // Layers differ in size, so each is measured by its own greatest distance.
        IEnumerable<ChartSeries> series = curves.Layers.Zip(curves.Distances, (layer, distances) => new ChartSeries(
            $"{layer} (of {distances.Max().ToString("0.#", CultureInfo.InvariantCulture)})",
            [.. curves.Change.Values.Zip(distances, (x, y) => (x, distances.Max() > 0 ? y / distances.Max() : 0))]));
        return new LineChart
        {
            Series = [.. series, new ChartSeries($"p({name})", [.. curves.Change.Values.Zip(curves.Confidences)]) { IsDashed = true }],
            Title = curves.Change.Name, XLabel = curves.Change.Unit, YRange = (0, 1),
        }.Draw(520, 320);
    }

    private void Save(string name, SvgCanvas drawing, object? figures = null)
    {
        var file = Path.Combine(folder, name + ".jpg");
        drawing.ToImage().Save(file, ExplanationRun.Quality);
        if (json)
            Output.WriteJsonLine(new { Picture = file, Figures = figures });
        else
            Console.Out.WriteLine(file);
    }
}
