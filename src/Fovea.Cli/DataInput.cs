using System.CommandLine;
using System.Globalization;
using Fovea.Data;

namespace Fovea.Cli;

/// <summary>The options by which commands name a data set and say how it is read.</summary>
internal sealed class DataInput
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "The folder of the data set." };
    private readonly Option<string?> format = new("--format") { Description = $"Its format: {string.Join(", ", DatasetFormatNames.All)}; found from what lies in the folder when not given." };
    private readonly Option<string?> split = new("--split") { Description = "Only this split, such as train or val." };
    private readonly Option<string?> classes = new("--classes") { Description = "Class names in order, separated by commas, or a file with one a line." };
    private readonly Option<string[]> pixelValues = new("--pixel-value") { Description = "What a value of mask PNGs stands for, as VALUE=CLASS; VALUE=ignore for none. May be repeated." };
    private readonly Option<byte[]> ignoreValues = new("--ignore-value") { Description = "A value of mask PNGs that is no class. May be repeated." };
    private readonly Option<int?> firstClassValue = new("--first-class-value") { Description = "Value of the first class in mask PNGs: 0, or 1 where 0 is no class." };
    private readonly Option<string?> depthFolder = new("--depth-folder") { Description = "Name of the folder of depth pictures, where there are several." };
    private readonly Option<string> faults = new("--faults")
    {
        Description = "What is done about faulty annotations: error, skip (leave out and count) or clip (cut boxes to the image, leave out the rest and count).",
        DefaultValueFactory = _ => "error",
    };

    public DataInput() => faults.AcceptOnlyFromAmong("error", "skip", "clip");

    public void AddTo(Command command, bool withSplit = true, bool withFaults = true)
    {
        command.Arguments.Add(folder);
        command.Options.Add(format);
        if (withSplit)
            command.Options.Add(split);
        command.Options.Add(classes);
        command.Options.Add(pixelValues);
        command.Options.Add(ignoreValues);
        command.Options.Add(firstClassValue);
        command.Options.Add(depthFolder);
        if (withFaults)
            command.Options.Add(faults);
    }

    public string Folder(ParseResult parsed) => parsed.GetValue(folder)!;

    public DatasetOptions Options(ParseResult parsed) => new()
    {
        Format = parsed.GetValue(format) is { } name ? DatasetFormatNames.Parse(name) : null,
        Split = Has(parsed, split) ? parsed.GetValue(split) : null,
        Labels = parsed.GetValue(classes) is { } given ? ReadClasses(given) : null,
        PixelValues = ReadPixelValues(parsed),
        FirstClassValue = parsed.GetValue(firstClassValue),
        DepthFolder = parsed.GetValue(depthFolder),
        Faults = Has(parsed, faults) ? Enum.Parse<FaultPolicy>(parsed.GetValue(faults)!, ignoreCase: true) : FaultPolicy.Error,
    };

    /// <summary>Where a drawing goes: a PNG unless the name ends otherwise.</summary>
    public static string PicturePath(string given) => Path.HasExtension(given) ? given : given + ".png";

    /// <summary>Opens the data set and says on standard error what was found and left out.</summary>
    public IDataset Open(ParseResult parsed)
    {
        var dataset = Dataset.Open(Folder(parsed), Options(parsed));
        foreach (var note in dataset.Notes)
            Console.Error.WriteLine(note);
        return dataset;
    }

    private static bool Has(ParseResult parsed, Option option) => parsed.CommandResult.Command.Options.Contains(option);

    private static LabelSpace ReadClasses(string given) => new(File.Exists(given)
        ? File.ReadLines(given).Select(static line => line.Trim()).Where(static line => line.Length > 0)
        : given.Split(',', StringSplitOptions.TrimEntries));

    private Dictionary<byte, string> ReadPixelValues(ParseResult parsed)
    {
        var values = new Dictionary<byte, string>();
        foreach (var value in parsed.GetValue(ignoreValues) ?? [])
            values[value] = DatasetOptions.NoClass;
        foreach (var text in parsed.GetValue(pixelValues) ?? [])
        {
            var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2 || parts[1].Length == 0 || !byte.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                throw new UsageException($"--pixel-value: found '{text}', expected VALUE=CLASS with a value of 0 to 255");
            values[value] = parts[1];
        }

        return values;
    }
}
