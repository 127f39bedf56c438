package body
import ("testing";"fmt";"os";"path/filepath";"bytes")
func TestX(t *testing.T){
 files,_:=filepath.Glob("../../../demo/stories/*/*.md")
 for i,f:=range files {
  d,_:=os.ReadFile(f)
  _,d,_=bytes.Cut(d,[]byte("\n\n"))
  b,err:=FromMarkdown(d,MarkdownOptions{})
  if err!=nil||len(Check(b))>0 {fmt.Println(f,err,Check(b))}
  if i<3 { fmt.Println(Render(b,Renderer{Language:filepath.Base(f)[:2]})) }
 }
}
