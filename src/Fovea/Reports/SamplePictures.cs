using System.Globalization;
using Fovea.Data;
using Fovea.Imaging;
using Fovea.Imaging.Drawing;
using Fovea.Training;

namespace Fovea.Reports;

/// <summary>Pictures of predictions beside the truth, in a run's folder.</summary>
public static class SamplePictures
{
    private const string IndexName = "index.json";
    private const double LongestSide = 560, Smallest = 64;
    private const float ShownScore = 0.5f;

    /// <summary>Draws the samples and worst cases of an evaluation, in place of the earlier ones.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="evaluation">What to show.</param>
    /// <param name="dataset">The data that was evaluated.</param>
    /// <exception cref="FoveaException">A picture cannot be read or written.</exception>
    public static void Save(RunFolder folder, Evaluation evaluation, IDataset dataset)
    {
        var judged = evaluation.Samples.Select(static image => (image, isWorst: false)).Concat(evaluation.Worst.Select(static image => (image, isWorst: true))).ToList();
        var pictures = new Picture[judged.Count];
        AllCores.For(judged.Count, i =>
            pictures[i] = Draw(folder, dataset, judged[i].image, judged[i].isWorst, string.Create(CultureInfo.InvariantCulture, $"{(judged[i].isWorst ? "worst" : "sample")}-{i:00}")));
        RunFacts.WriteJson(Path.Combine(folder.Samples, IndexName), pictures);
    }

    internal static IReadOnlyList<Picture> Read(RunFolder folder)
    {
        var index = Path.Combine(folder.Samples, IndexName);
        return File.Exists(index) ? RunFacts.ReadJson<List<Picture>>(index) : [];
    }

    private static Picture Draw(RunFolder folder, IDataset dataset, JudgedImage judged, bool isWorst, string name)
    {
        var image = dataset.LoadImage(IndexOf(judged, dataset));
        var isSmall = Math.Max(image.Width, image.Height) <= Smallest;
        var style = new DrawingStyle { LongestSide = LongestSide, MinimumScore = ShownScore };
        var extension = isSmall ? ".png" : ".jpg";
        if (judged.Prediction.Probabilities is { } probabilities)
        {
            // One picture says it all; the words stand below.
            var file = name + extension;
            (isSmall ? image : Fit(image)).Save(Path.Combine(folder.Samples, file), 85);
            return judged.Prediction.IsMultiLabel
                ? Labelled(file, judged, probabilities, dataset.Labels, isWorst, isSmall)
                : Classified(file, judged, probabilities, dataset.Labels, isWorst, isSmall);
        }

        var (truth, prediction) = ($"{name}-truth{extension}", $"{name}-network{extension}");
        ObjectDrawing.Draw(image, judged.Truth.Annotation, dataset.Labels, style).ToImage().Save(Path.Combine(folder.Samples, truth), 85);
        ObjectDrawing.Draw(image, judged.Prediction, dataset.Labels, style).ToImage().Save(Path.Combine(folder.Samples, prediction), 85);
        return new Picture(prediction, truth, NameOf(judged.Truth), Caption(judged), isWorst, null, IsSmall: false);
    }

    // Images that were left out of the evaluation because they are broken shift the numbers of those after them.
    private static int IndexOf(JudgedImage judged, IDataset dataset) =>
        Enumerable.Range(judged.Index, dataset.Count - judged.Index).First(i => dataset[i].Id == judged.Truth.Id);

    private static string NameOf(Sample sample) => Path.GetFileName(sample.ImagePath) is { Length: > 0 } name ? name : sample.Id;

    private static Image Fit(Image image)
    {
        var scale = LongestSide / Math.Max(image.Width, image.Height);
        return scale >= 1 ? image
            : image.Resize(new ImageSize(Math.Max(1, (int)(image.Height * scale)), Math.Max(1, (int)(image.Width * scale))), Interpolation.BilinearAntialias);
    }

    private static Picture Classified(string file, JudgedImage judged, float[] probabilities, LabelSpace labels, bool isWorst, bool isSmall)
    {
        var truth = judged.Truth.Annotation.Label!.Value;
        var said = Array.IndexOf(probabilities, probabilities.Max());
        var caption = said == truth
            ? string.Create(CultureInfo.InvariantCulture, $"{labels[truth]}, {probabilities[truth]:P0} sure")
            : string.Create(CultureInfo.InvariantCulture, $"{labels[truth]}, called {labels[said]} ({probabilities[said]:P0} sure; true class {probabilities[truth]:P0})");
        return new Picture(file, null, NameOf(judged.Truth), caption, isWorst, said == truth, isSmall);
    }

    private static Picture Labelled(string file, JudgedImage judged, float[] probabilities, LabelSpace labels, bool isWorst, bool isSmall)
    {
        int[] truth = [.. judged.Truth.Annotation.PresentLabels!], said = [.. Enumerable.Range(0, labels.Count).Where(i => probabilities[i] >= ShownScore)];
        string List(IEnumerable<int> classes) => string.Join(", ", classes.Select(i => string.Create(CultureInfo.InvariantCulture, $"{labels[i]} {probabilities[i]:P0}"))) is { Length: > 0 } text ? text : "nothing";
        var (missed, wrong) = (truth.Except(said).ToList(), said.Except(truth).ToList());
        var caption = List(truth.Intersect(said)) + (missed.Count > 0 ? $"; missed {List(missed)}" : "") + (wrong.Count > 0 ? $"; wrongly {List(wrong)}" : "");
        return new Picture(file, null, NameOf(judged.Truth), caption, isWorst, missed.Count + wrong.Count == 0, isSmall);
    }

    private static string Caption(JudgedImage judged)
    {
        if (judged.Prediction.Map is not null)
            return string.Create(CultureInfo.InvariantCulture, $"mean IoU of its classes {judged.Quality:0.00}");
        var objects = judged.Truth.Annotation.Instances?.Count(static instance => !instance.IsCrowd) ?? 0;
        var found = judged.Prediction.Detections!.Count(static detection => detection.Score >= ShownScore);
        return string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(objects, "object")}, {found} found with a score of 0.5 or more; F1 {judged.Quality:0.00}");
    }
}
