using System.Globalization;
using Fovea.Benchmarks;

// "case NAME" measures one case in this process; anything else runs the comparison.
if (args is ["case", var name])
{
    InProcess.Run(name);
    return 0;
}

var rounds = 3;
var words = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--rounds" && i + 1 < args.Length)
        rounds = int.Parse(args[++i], CultureInfo.InvariantCulture);
    else
        words.Add(args[i]);
}

return Comparison.Run(rounds, words);
