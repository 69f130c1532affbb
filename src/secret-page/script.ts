/** The only script: it shows and hides what is typed. Without it the buttons stay hidden and the fields masked. */
export const script = `
for (const button of document.querySelectorAll("button[data-field]")) {
  const field = document.getElementById(button.dataset.field);
  const show = (shown) => {
    if (field.type !== "textarea") field.type = shown ? "text" : "password";
    field.classList.toggle("shown", shown);
    button.firstElementChild.textContent = shown ? "Hide" : "Show";
  };
  button.addEventListener("click", () => show(!field.classList.contains("shown")));
  field.form.addEventListener("submit", () => show(false));
  button.hidden = false;
}
addEventListener("pagehide", () => {
  for (const form of document.forms) form.reset();
});
`;
