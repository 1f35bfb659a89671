using System.CommandLine;
using Fovea.Imaging;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea regions IMAGE</c>: a picture split into regions of even colour, without a network.</summary>
internal static class RegionsCommand
{
    public static Command Create()
    {
        var published = new MeanShiftOptions();
        var image = new Argument<string>("IMAGE") { Description = "The picture." };
        var output = new Option<string?>("--out") { Description = "File for the picture with every region in its mean colour." };
        var numbers = new Option<string?>("--numbers") { Description = "File for the number of the region of every pixel: .png of 16 bits." };
        var spatial = new Option<double>("--spatial") { Description = "How far is looked in the picture, pixels.", DefaultValueFactory = _ => published.SpatialRadius };
        var colour = new Option<double>("--colour") { Description = "How far is looked among colours, steps of 8 bits.", DefaultValueFactory = _ => published.ColourRadius };
        var minimum = new Option<int>("--min-pixels") { Description = "Regions of fewer pixels join a neighbour.", DefaultValueFactory = _ => published.MinimumPixels };
        var json = new Option<bool>("--json") { Description = "Print a JSON object." };
        var command = new Command("regions", """
            Split a picture into regions of even colour by mean shift: a baseline that needs no training.

            Example: fovea regions street.png --out street_regions.png --spatial 8 --colour 16
            """)
        {
            image, output, numbers, spatial, colour, minimum, json,
        };
        command.SetAction(parsed =>
        {
            var options = new MeanShiftOptions { SpatialRadius = parsed.GetValue(spatial), ColourRadius = parsed.GetValue(colour), MinimumPixels = parsed.GetValue(minimum) };
            var path = parsed.GetValue(image)!;
            var regions = MeanShift.Segment(Image.Load(path), options);
            if (parsed.GetValue(output) is { } painted)
                regions.Paint().Save(painted);
            if (parsed.GetValue(numbers) is { } numbered)
                regions.Number().Save(numbered);
            if (parsed.GetValue(json))
                Output.WriteJson(new { Image = path, regions.Size.Width, regions.Size.Height, Regions = regions.Count, Areas = regions.Areas });
            else
                Console.Out.WriteLine($"{path}: {Counted.Of(regions.Count, "region")}");
            return ExitCode.Done;
        });
        return command;
    }
}
