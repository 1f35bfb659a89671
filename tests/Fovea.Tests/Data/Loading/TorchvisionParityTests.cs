using Fovea.Data;
using Fovea.Data.Loading;
using Fovea.Imaging;

namespace Fovea.Tests.Data.Loading;

[LeakCheck]
public class TorchvisionParityTests
{
    [Fact]
    public void A_batch_of_photographs_is_torchvisions_to_the_last_bit()
    {
        if (!TestData.TryFolder("flowers", out var folder))
            return;
        var dataset = Dataset.Open(folder);
        int[] chosen = [0, 40, 81, 120, 159];
        var preprocessing = new Preprocessing { SizeRule = SizeRule.ShorterSideThenCrop, ShorterSide = 256, Height = 224, Width = 224 };
        using var batch = new DataLoader(dataset.Subset(chosen), ModelTask.Classification, preprocessing, new LoaderOptions { BatchSize = 5 }).Epoch(0).Single();
        Assert.Equal([5, 3, 224, 224], batch.Images.Shape);
        Assert.Equal(chosen.Select(index => (long)dataset[index].Annotation.Label!.Value), batch.Labels!.ToArray<long>());
        for (var i = 0; i < chosen.Length; i++)
        {
            var answer = PythonReference.Run(
                $"""
                from PIL import Image; import torchvision.transforms as t
                out['x'] = t.Compose([t.Resize(256), t.CenterCrop(224), t.ToTensor(), t.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])(Image.open({Quoted(dataset[chosen[i]].ImagePath)}).convert('RGB'))
                """).Floats("x");
            using var picture = batch.Images[i];
            Assert.True(answer.AsSpan().SequenceEqual(picture.ToArray<float>()), dataset[chosen[i]].ImagePath);
        }
    }

    [Fact]
    public void Boxes_of_cells_and_their_pictures_are_those_of_torchvisions_detection_models()
    {
        if (!TestData.TryFolder("bccd", out var folder))
            return;
        var dataset = Dataset.Open(folder, new DatasetOptions { Split = "val", Faults = Fovea.Data.FaultPolicy.Skip });
        var preprocessing = new Preprocessing { SizeRule = SizeRule.ShorterLonger, ShorterSide = 300, LongerSide = 500, Interpolation = Interpolation.Bilinear, SizeMultiple = 32 };
        using var batch = new DataLoader(dataset, ModelTask.Detection, preprocessing, new LoaderOptions { BatchSize = 2 }).Epoch(0).First();
        for (var i = 0; i < 2; i++)
        {
            var boxes = dataset[i].Annotation.Instances!.SelectMany(static item => new[] { item.Box.X1, item.Box.Y1, item.Box.X2, item.Box.Y2 }).ToArray();
            var answer = PythonReference.Run(
                $"""
                import torch; from PIL import Image; import torchvision.transforms.functional as F
                from torchvision.models.detection.transform import GeneralizedRCNNTransform
                t = GeneralizedRCNNTransform(300, 500, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]); t.eval()
                x, y = t([F.to_tensor(Image.open({Quoted(dataset[i].ImagePath)}).convert('RGB'))], [dict(boxes=T(b))])
                out['x'], out['b'] = x.tensors[0], y[0]['boxes']
                """,
                ("b", new NdArray(boxes, boxes.Length / 4, 4)));
            using var picture = batch.Images[i];
            Assert.Equal(answer["x"].Shape.Select(static side => (long)side), picture.Shape);
            // Resizing before normalising, in OpenCV's fixed point, costs less than a grey level: 1 / 255 / 0.224.
            Assert.All(answer.Floats("x").Zip(picture.ToArray<float>()), static pair => Assert.InRange(pair.First - pair.Second, -0.0175f, 0.0175f));
            Assert.All(answer.Floats("b").Zip(batch.Targets![i].Boxes.ToArray<float>()), static pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
            var first = batch.Origins[i].ToOriginal(new Box(0, 0, batch.Origins[i].NetworkSize.Width, batch.Origins[i].NetworkSize.Height));
            Assert.Equal(new Box(0, 0, 640, 480), first);
        }
    }

    private static string Quoted(string path) => System.Text.Json.JsonSerializer.Serialize(path);
}
