// Asks a trained network about pictures and draws what it says: classes, boxes, masks or label maps.
//   dotnet run --project samples/PredictAndDraw RUN OUT PICTURE...
using Fovea.Imaging;
using Fovea.Imaging.Drawing;
using Fovea.Training;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: PredictAndDraw RUN OUT PICTURE...");
    return 2;
}

// The weights bring their network, their classes and their preprocessing along.
using var predictor = Predictor.Load(args[0]);
Directory.CreateDirectory(args[1]);
foreach (var path in args[2..])
{
    var image = Image.Load(path);
    var prediction = predictor.Predict(image, path);
    if (prediction.Probabilities is { } probabilities)
    {
        var best = Array.IndexOf(probabilities, probabilities.Max());
        Console.WriteLine($"{path}: {predictor.Labels[best]}, {probabilities[best]:P0}");
    }

    foreach (var found in prediction.Detections ?? [])
        Console.WriteLine($"{path}: {predictor.Labels[found.Label]}, {found.Score:P0}, at {found.Box}");
    var drawing = Path.Combine(args[1], Path.GetFileNameWithoutExtension(path) + ".png");
    ObjectDrawing.Draw(image, prediction, predictor.Labels, new DrawingStyle { MinimumScore = 0.5 }).Save(drawing);
    Console.WriteLine($"drawn to {drawing}");
}

return 0;
